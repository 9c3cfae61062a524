package dev.libmona.assembler;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads protobuf and our own format where they lie: from a place to an end, nothing is copied.
 *
 * <p>Whatever the bytes are, it ends, and never reads behind its end.
 */
final class In {
    private static final VarHandle LITTLE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    byte[] bytes;
    int at;
    int end;

    In(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    In(byte[] bytes, int at, int end) {
        set(bytes, at, end);
    }

    In set(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
        return this;
    }

    boolean more() {
        return at < end;
    }

    long varint() throws Malformed {
        if (at < end && bytes[at] >= 0) {
            return bytes[at++];
        }
        long number = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at >= end) {
                throw new Malformed("a number that ends too early");
            }
            byte octet = bytes[at++];
            number |= (long) (octet & 0x7f) << shift;
            if (octet >= 0) {
                return number;
            }
        }
        throw new Malformed("a number of more than 10 bytes");
    }

    /** A number that counts bytes or things in what is left. */
    int length() throws Malformed {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new Malformed("a length beyond the end");
        }
        return (int) length;
    }

    /** Passes by so many bytes and gives where they began. */
    int take(int count) throws Malformed {
        if (count > end - at) {
            throw new Malformed("a value that ends too early");
        }
        int from = at;
        at += count;
        return from;
    }

    /** A number in 8 bytes, the highest first: of our own format. */
    long fixed() throws Malformed {
        return Out.readFixed(bytes, take(8));
    }

    /** A number in 8 bytes, the lowest first: of protobuf. */
    long little() throws Malformed {
        return (long) LITTLE.get(bytes, take(8));
    }

    /** A length and so many bytes, copied. */
    byte[] text() throws Malformed {
        int count = length();
        int from = take(count);
        return Arrays.copyOfRange(bytes, from, from + count);
    }

    /** The tag of the next field of a message. */
    int tag() throws Malformed {
        long tag = varint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw new Malformed("a field without a number");
        }
        return (int) tag;
    }

    /** Passes by the value of a field that is not ours to read. */
    void skip(int tag) throws Malformed {
        switch (tag & 7) {
            case 0 -> varint();
            case 1 -> take(8);
            case 2 -> take(length());
            case 5 -> take(4);
            default -> throw new Malformed("a field of wire type " + (tag & 7));
        }
    }

    /** Text, with U+FFFD for what is not UTF-8. */
    static String string(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
