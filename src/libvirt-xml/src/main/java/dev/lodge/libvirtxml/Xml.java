package dev.lodge.libvirtxml;

import com.ctc.wstx.api.WstxOutputProperties;
import com.ctc.wstx.stax.WstxOutputFactory;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.xml.XmlMapper;
import com.fasterxml.jackson.dataformat.xml.ser.ToXmlGenerator;
import java.io.IOException;
import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes records as XML. Everything that a user wrote passes through a real XML writer: it can end
 * no element and no attribute, and a character that XML 1.0 cannot carry is an error, never output.
 */
final class Xml {
  /** The namespace of our elements in libvirt's metadata. */
  static final String NAMESPACE = "https://lodge.dev/xml/1";

  private static final XMLOutputFactory FACTORY = factory();
  private static final XmlMapper MAPPER =
      XmlMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .serializationInclusion(JsonInclude.Include.NON_EMPTY)
          .build();

  private Xml() {}

  /**
   * A record as an element of this name.
   *
   * @throws IllegalArgumentException if a text has a character that XML cannot carry
   */
  static String write(String name, Object element) {
    var out = new StringWriter(8192);
    try {
      XMLStreamWriter writer = FACTORY.createXMLStreamWriter(out);
      writer.setPrefix("lodge", NAMESPACE);
      try (ToXmlGenerator generator = MAPPER.getFactory().createGenerator(writer)) {
        MAPPER.writer().withRootName(name).writeValue(generator, element);
      }
      writer.close();
    } catch (IOException | XMLStreamException e) {
      throw new IllegalArgumentException("cannot be written as XML: " + e.getMessage(), e);
    }
    return out.append('\n').toString();
  }

  private static XMLOutputFactory factory() {
    var factory = new WstxOutputFactory();
    factory.setProperty(XMLOutputFactory.IS_REPAIRING_NAMESPACES, true);
    factory.setProperty(WstxOutputProperties.P_OUTPUT_VALIDATE_CONTENT, true);
    return factory;
  }
}
