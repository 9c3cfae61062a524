package dev.libmona;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Text as libmona takes it: UTF-8 in memory that does not move. */
final class Text {
    /** The most bytes of UTF-8 that one UTF-16 unit needs. */
    static final int MOST_BYTES_PER_CHAR = 3;

    // Below this a loop is faster than the array that String.getBytes makes.
    private static final int SHORT_CHARS = 24;

    private Text() {}

    /** A buffer that native code can read and write. */
    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Writes a text at a place that has room for {@link #MOST_BYTES_PER_CHAR} bytes a char; gives the place behind it.
     * Half a surrogate pair, which UTF-8 has no bytes for, is written as three bytes that libmona refuses: it then says
     * which field was meant. {@code String.getBytes} would make a question mark of it without a word.
     */
    static int write(String text, ByteBuffer to, int at) {
        int length = text.length();
        if (length >= SHORT_CHARS) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (!replaced(text, bytes)) {
                to.put(at, bytes);
                return at + bytes.length;
            }
        }
        for (int place = 0; place < length; place++) {
            char unit = text.charAt(place);
            if (unit >= 0x80) {
                return writeWide(text, place, to, at);
            }
            to.put(at++, (byte) unit);
        }
        return at;
    }

    /** Whether a question mark among the bytes may stand for half a surrogate pair. */
    private static boolean replaced(String text, byte[] bytes) {
        if (bytes.length == text.length()) {
            // One byte for each char: plain ASCII, or a question mark where the text has none.
            for (int place = 0; place < bytes.length; place++) {
                if (bytes[place] == '?' && text.charAt(place) != '?') {
                    return true;
                }
            }
            return false;
        }
        for (byte one : bytes) {
            if (one == '?') {
                return true;
            }
        }
        return false;
    }

    private static int writeWide(String text, int from, ByteBuffer to, int at) {
        int length = text.length();
        for (int place = from; place < length; place++) {
            char unit = text.charAt(place);
            if (unit < 0x80) {
                to.put(at++, (byte) unit);
            } else if (unit < 0x800) {
                to.put(at++, (byte) (0xC0 | unit >> 6));
                to.put(at++, (byte) (0x80 | unit & 0x3F));
            } else if (Character.isHighSurrogate(unit) && place + 1 < length
                    && Character.isLowSurrogate(text.charAt(place + 1))) {
                int point = Character.toCodePoint(unit, text.charAt(++place));
                to.put(at++, (byte) (0xF0 | point >> 18));
                to.put(at++, (byte) (0x80 | point >> 12 & 0x3F));
                to.put(at++, (byte) (0x80 | point >> 6 & 0x3F));
                to.put(at++, (byte) (0x80 | point & 0x3F));
            } else {
                to.put(at++, (byte) (0xE0 | unit >> 12));
                to.put(at++, (byte) (0x80 | unit >> 6 & 0x3F));
                to.put(at++, (byte) (0x80 | unit & 0x3F));
            }
        }
        return at;
    }

    /** The text of so many bytes at a place. */
    static String read(ByteBuffer from, int at, int length) {
        byte[] bytes = new byte[length];
        from.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
