package dev.lodge.agent.console;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Takes out of a guest's output what a terminal would act on: escape sequences, control characters,
 * characters that turn the direction of text. A guest is not trusted, and its log is read by people
 * and tools who do not expect their terminal to be driven. Takes parts of a stream as they come.
 */
public final class PlainText {
  /** An unfinished sequence longer than this is text that lost its beginning. */
  private static final int MAX_SEQUENCE = 4096;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer rest = ByteBuffer.allocate(0);
  private State state = State.TEXT;
  private int sequence;
  private boolean carriageReturn;

  private enum State {
    TEXT,
    /** After ESC. */
    ESCAPE,
    /** After ESC and an intermediate, which takes one more. */
    CHARSET,
    /** ESC [ up to its final letter. */
    CONTROL,
    /** ESC ] and its kin, up to BEL or ESC \. */
    STRING,
    /** ESC within such a string. */
    STRING_ESCAPE
  }

  /** The part of the text that is complete. */
  public String take(byte[] bytes) {
    ByteBuffer in = ByteBuffer.allocate(rest.remaining() + bytes.length);
    in.put(rest).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 4);
    decoder.decode(in, out, false);
    rest = ByteBuffer.allocate(in.remaining());
    rest.put(in).flip();
    out.flip();
    StringBuilder text = new StringBuilder(out.remaining());
    while (out.hasRemaining()) {
      next(out.get(), text);
    }
    return text.toString();
  }

  private void next(char c, StringBuilder text) {
    if (state != State.TEXT && (++sequence > MAX_SEQUENCE || c == '\n' || c == 0x18 || c == 0x1a)) {
      state = State.TEXT; // Broken off, as terminals do.
    }
    switch (state) {
      case TEXT -> text(c, text);
      case ESCAPE ->
          state =
              switch (c) {
                case '[' -> State.CONTROL;
                case ']', 'P', 'X', '^', '_' -> State.STRING;
                case ' ', '#', '%', '(', ')', '*', '+', '-', '.', '/' -> State.CHARSET;
                case 0x1b -> State.ESCAPE;
                default -> State.TEXT;
              };
      case CHARSET -> state = State.TEXT;
      case CONTROL -> {
        if (c == 0x1b) {
          state = State.ESCAPE;
        } else if (c >= 0x40 && c <= 0x7e) {
          state = State.TEXT;
        }
      }
      case STRING -> {
        if (c == 0x07 || c == 0x9c) {
          state = State.TEXT;
        } else if (c == 0x1b) {
          state = State.STRING_ESCAPE;
        }
      }
      case STRING_ESCAPE -> state = c == '\\' ? State.TEXT : State.STRING;
    }
  }

  private void text(char c, StringBuilder text) {
    if (carriageReturn) {
      carriageReturn = c == '\r';
      if (c != '\n' && c != '\r') {
        text.append('\n'); // A line that was written over is a line of its own in a log.
      }
    }
    switch (c) {
      case '\r' -> carriageReturn = true;
      case '\n', '\t' -> text.append(c);
      case 0x1b -> begin(State.ESCAPE);
      case 0x9b -> begin(State.CONTROL);
      case 0x90, 0x98, 0x9d, 0x9e, 0x9f -> begin(State.STRING);
      default -> {
        if (!Character.isISOControl(c) && Character.getType(c) != Character.FORMAT) {
          text.append(c);
        }
      }
    }
  }

  private void begin(State s) {
    state = s;
    sequence = 0;
  }
}
