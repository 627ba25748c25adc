package dev.lodge.libvirtxml;

import com.ctc.wstx.api.WstxOutputProperties;
import com.ctc.wstx.stax.WstxOutputFactory;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
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
          .addModule(new SimpleModule().addSerializer(String.class, new CheckedText()))
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
      writer.setPrefix("dnsmasq", NetworkXml.DNSMASQ);
      try (ToXmlGenerator generator = MAPPER.getFactory().createGenerator(writer)) {
        MAPPER.writer().withRootName(name).writeValue(generator, element);
      }
      writer.close();
    } catch (IOException | XMLStreamException e) {
      throw new IllegalArgumentException("cannot be written as XML: " + e.getMessage(), e);
    }
    return out.toString();
  }

  private static XMLOutputFactory factory() {
    var factory = new WstxOutputFactory();
    factory.setProperty(XMLOutputFactory.IS_REPAIRING_NAMESPACES, true);
    factory.setProperty(WstxOutputProperties.P_OUTPUT_VALIDATE_CONTENT, true);
    return factory;
  }

  /** Writers disagree about which characters they refuse, and some turn them into references. */
  private static final class CheckedText extends StdSerializer<String> {
    CheckedText() {
      super(String.class);
    }

    @Override
    public void serialize(String text, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      if (!text.codePoints().allMatch(CheckedText::canStandInXml)) {
        throw new IllegalArgumentException("a character of '" + text + "' cannot stand in XML");
      }
      generator.writeString(text);
    }

    /** The production Char of XML 1.0. */
    private static boolean canStandInXml(int c) {
      return c >= 0x20 && c < 0xd800
          || c == '\t'
          || c == '\n'
          || c == '\r'
          || c > 0xdfff && c < 0xfffe
          || c > 0xffff;
    }
  }
}
