package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;

/** Names and texts of bounded length, cut as the local collector cuts them. */
final class Names {
    /** Bytes of a class or field name that are told apart. */
    static final int MAX_NAME = 256;
    /** Bytes of a text in a row. */
    static final int MAX_TEXT = 4096;
    /** Bytes of a context id that are kept. */
    static final int MAX_CONTEXT = 512;

    private Names() {}

    /** A name of bounded length; different names stay different. */
    static String bounded(String name) {
        // A char is at most 3 bytes.
        if (name.length() * 3 <= MAX_NAME) {
            return name;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAX_NAME ? name : shortened(bytes, 0, bytes.length, MAX_NAME);
    }

    /** A text that is too long: at most so many bytes of it, ending in a sum of the whole. */
    static String shortened(byte[] bytes, int from, int to, int most) {
        int end = from + most - 20;
        while (end > from && (bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        String sum = String.format("%016x", sum(bytes, from, to));
        return In.string(bytes, from, end) + "…" + sum;
    }

    /** SipHash-1-3 with a key of zeros. */
    static long sum(byte[] bytes, int from, int to) {
        long[] v = {0x736f6d6570736575L, 0x646f72616e646f6dL, 0x6c7967656e657261L, 0x7465646279746573L};
        int at = from;
        for (; at + 8 <= to; at += 8) {
            round(v, Long.reverseBytes(Out.readFixed(bytes, at)));
        }
        long last = (long) (to - from) << 56;
        for (int shift = 0; at < to; at++, shift += 8) {
            last |= (bytes[at] & 0xffL) << shift;
        }
        round(v, last);
        v[2] ^= 0xff;
        for (int turn = 0; turn < 3; turn++) {
            mix(v);
        }
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void round(long[] v, long word) {
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }

    private static void mix(long[] v) {
        v[0] += v[1];
        v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
        v[0] = Long.rotateLeft(v[0], 32);
        v[2] += v[3];
        v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
        v[2] = Long.rotateLeft(v[2], 32);
    }
}
