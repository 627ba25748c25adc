package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an unquoted word of YAML means: as Kubernetes reads it, which is YAML 1.1 without numbers to
 * the base of 60 and without dates. So {@code on} is true, {@code 010} is eight, and {@code
 * 52:54:00} is text.
 */
final class YamlScalars {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private YamlScalars() {}

  /** The value of an unquoted scalar; null if it is no value that JSON has (.inf, .nan). */
  static @Nullable JsonNode plain(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> NODES.nullNode();
      case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" ->
          NODES.booleanNode(true);
      case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" ->
          NODES.booleanNode(false);
      case ".nan", ".NaN", ".NAN" -> null;
      case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF" -> null;
      default -> {
        JsonNode number = startsLikeNumber(text) ? number(text.replace("_", "")) : null;
        yield number == null ? NODES.textNode(text) : number;
      }
    };
  }

  private static boolean startsLikeNumber(String text) {
    char c = text.charAt(0);
    return text.length() <= 400 && (c == '.' || c == '+' || c == '-' || (c >= '0' && c <= '9'));
  }

  private static @Nullable JsonNode number(String text) {
    BigInteger integer = integer(text);
    if (integer != null) {
      return integer.bitLength() < Long.SIZE
          ? whole(integer.longValue())
          : NODES.numberNode(integer);
    }
    return FLOAT.matcher(text).matches() ? real(text) : null;
  }

  /** As Jackson's parser makes them: trees are compared, and nodes of int and long differ. */
  private static JsonNode whole(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  /** Prefixes 0x, 0o, 0b, and 0 for base 8; null if the text is no integer of 64 bits. */
  private static @Nullable BigInteger integer(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    int radix = 10;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      radix =
          switch (digits.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> -8;
          };
      digits = digits.substring(radix > 0 ? 2 : 1);
      radix = Math.abs(radix);
    }
    if (digits.isEmpty()) {
      return null;
    }
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c > 'f' || Character.digit(c, radix) < 0) {
        return null;
      }
    }
    BigInteger value = new BigInteger(digits, radix);
    BigInteger result = text.startsWith("-") ? value.negate() : value;
    return result.compareTo(MIN) < 0 || result.compareTo(MAX) > 0 ? null : result;
  }

  /** A real number that is whole becomes an integer, as on the way through Kubernetes' JSON. */
  private static @Nullable JsonNode real(String text) {
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      return null;
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e18) {
      return whole(new BigDecimal(value).longValueExact());
    }
    return NODES.numberNode(value);
  }
}
