package dev.lodge.libvirtxml;

import com.ctc.wstx.api.WstxInputProperties;
import com.ctc.wstx.stax.WstxInputFactory;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * What libvirt says, as a small tree. It is bounded in every direction and knows neither document
 * types nor external entities, because parts of a domain's XML were written by others.
 */
final class XmlTree {
  private static final int MOST_CHARACTERS = 8 << 20;
  private static final XMLInputFactory FACTORY = factory();

  private final String name;
  private final @Nullable String namespace;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<XmlTree> children = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private XmlTree(String name, @Nullable String namespace) {
    this.name = name;
    this.namespace = namespace;
  }

  /**
   * Reads a document with this root element.
   *
   * @throws IllegalArgumentException if it is not well-formed, too big, or something else
   */
  static XmlTree parse(String xml, String root) {
    if (xml.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException("XML of " + xml.length() + " characters is too long");
    }
    try {
      XMLStreamReader reader = FACTORY.createXMLStreamReader(new StringReader(xml));
      try {
        XmlTree tree = read(reader);
        if (!tree.name.equals(root)) {
          throw new IllegalArgumentException("no <" + root + "> but <" + tree.name + ">");
        }
        return tree;
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      throw new IllegalArgumentException("no XML that can be read: " + e.getMessage(), e);
    }
  }

  private static XmlTree read(XMLStreamReader reader) throws XMLStreamException {
    var document = new XmlTree("", null);
    Deque<XmlTree> open = new ArrayDeque<>(List.of(document));
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          var element = new XmlTree(reader.getLocalName(), reader.getNamespaceURI());
          for (int i = 0; i < reader.getAttributeCount(); i++) {
            element.attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
          }
          open.element().children.add(element);
          open.push(element);
        }
        case XMLStreamConstants.END_ELEMENT -> open.pop();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            open.element().text.append(reader.getText());
        case XMLStreamConstants.DTD ->
            throw new XMLStreamException("a document type is not allowed");
        default -> {}
      }
    }
    return document.children.getFirst();
  }

  String name() {
    return name;
  }

  String text() {
    return text.toString().strip();
  }

  Optional<String> attribute(String attribute) {
    return Optional.ofNullable(attributes.get(attribute));
  }

  List<XmlTree> children() {
    return children;
  }

  Stream<XmlTree> children(String element) {
    return children.stream().filter(c -> c.name.equals(element));
  }

  Optional<XmlTree> child(String element) {
    return children(element).findFirst();
  }

  /** The element at the end of a path of first children. */
  Optional<XmlTree> at(String... path) {
    Optional<XmlTree> here = Optional.of(this);
    for (String step : path) {
      here = here.flatMap(e -> e.child(step));
    }
    return here;
  }

  /** Our element of this name in libvirt's metadata. */
  Optional<XmlTree> ours(String element) {
    return child("metadata").stream()
        .flatMap(m -> m.children(element))
        .filter(e -> e.isOf(Xml.NAMESPACE))
        .findFirst();
  }

  /** Whether the element is one of this namespace. */
  boolean isOf(String uri) {
    return uri.equals(namespace);
  }

  private static XMLInputFactory factory() {
    var factory = new WstxInputFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    factory.setProperty(WstxInputProperties.P_MAX_ELEMENT_DEPTH, 64);
    factory.setProperty(WstxInputProperties.P_MAX_ATTRIBUTES_PER_ELEMENT, 64);
    factory.setProperty(WstxInputProperties.P_MAX_ELEMENT_COUNT, 200_000L);
    return factory;
  }
}
