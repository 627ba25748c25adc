package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes as Kubernetes writes it: {@code 512Mi}, {@code 1.5Gi}, {@code 10G}, or a plain
 * number of bytes. Only the suffixes that make sense for bytes are known.
 *
 * @param text as the user wrote it, so that nothing is rewritten
 */
public record Quantity(@JsonValue String text) {
  /** What {@link #parse} accepts; the CRD carries the same pattern. */
  public static final String PATTERN = "^[0-9]{1,19}(\\.[0-9]{1,9})?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$";

  private static final Pattern COMPILED =
      Pattern.compile("^([0-9]{1,19}(?:\\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$");

  /** From JSON, where a number and a string mean the same. */
  @JsonCreator
  public static Quantity parse(Object value) {
    return new Quantity(value.toString());
  }

  /**
   * Exactly so many bytes, in the largest binary unit that leaves no rest: {@code 20Gi}, or {@code
   * 1025} where there is none.
   */
  public static Quantity ofBytes(long bytes) {
    String[] units = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    long n = bytes;
    int unit = 0;
    while (unit < units.length - 1 && n != 0 && n % 1024 == 0) {
      n /= 1024;
      unit++;
    }
    return new Quantity(n + units[unit]);
  }

  /** A quantity of whole mebibytes. */
  public static Quantity mebibytes(long n) {
    return new Quantity(n + "Mi");
  }

  /** Whether {@link #bytes} would succeed. */
  public boolean isValid() {
    return COMPILED.matcher(text).matches() && exact().bitLength() < Long.SIZE;
  }

  /**
   * The amount in bytes; a fraction of a byte is rounded up, as Kubernetes does.
   *
   * @throws IllegalArgumentException if the text is no amount of bytes or exceeds 2^63-1
   */
  public long bytes() {
    return exact().longValueExact();
  }

  private BigInteger exact() {
    Matcher m = COMPILED.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no amount of bytes; write for example 512Mi or 20Gi");
    }
    BigDecimal number = new BigDecimal(m.group(1));
    return number
        .multiply(factor(m.group(2)))
        .setScale(0, java.math.RoundingMode.CEILING)
        .toBigInteger();
  }

  private static BigDecimal factor(@org.jspecify.annotations.Nullable String suffix) {
    if (suffix == null) {
      return BigDecimal.ONE;
    }
    int exponent =
        "kMGTP".indexOf(Character.toLowerCase(suffix.charAt(0)) == 'k' ? 'k' : suffix.charAt(0))
            + 1;
    return suffix.endsWith("i")
        ? BigDecimal.valueOf(1024).pow(exponent)
        : BigDecimal.valueOf(1000).pow(exponent);
  }

  @Override
  public String toString() {
    return text;
  }
}
