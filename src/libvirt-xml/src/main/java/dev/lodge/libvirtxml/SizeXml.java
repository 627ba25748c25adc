package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;

/** An amount with its unit: {@code <memory unit='KiB'>2048</memory>}. */
record SizeXml(@JacksonXmlProperty(isAttribute = true) String unit, @JacksonXmlText long value) {}
