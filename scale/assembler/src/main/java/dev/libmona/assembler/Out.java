package dev.libmona.assembler;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow at their end. Used again and again, by one thread. */
final class Out {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    /** What a buffer keeps when it is used again: one large ARC shall not stay in memory for ever. */
    private static final int KEPT = 1 << 20;

    byte[] bytes;
    int length;

    Out(int capacity) {
        bytes = new byte[capacity];
    }

    void clear() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[KEPT];
        }
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    Out put(int octet) {
        room(1);
        bytes[length++] = (byte) octet;
        return this;
    }

    Out put(byte[] from) {
        return put(from, 0, from.length);
    }

    Out put(byte[] from, int at, int count) {
        room(count);
        System.arraycopy(from, at, bytes, length, count);
        length += count;
        return this;
    }

    /** A number in 8 bytes, the highest first. */
    Out fixed(long number) {
        room(8);
        LONGS.set(bytes, length, number);
        length += 8;
        return this;
    }

    /** A number of any sign, short where it is small and not negative. */
    Out varint(long number) {
        room(10);
        while ((number & ~0x7fL) != 0) {
            bytes[length++] = (byte) (number | 0x80);
            number >>>= 7;
        }
        bytes[length++] = (byte) number;
        return this;
    }

    /** A length and so many bytes. */
    Out text(byte[] from, int at, int count) {
        varint(count);
        return put(from, at, count);
    }

    Out text(byte[] from) {
        return text(from, 0, from.length);
    }

    /** Letters as they are, without a length. */
    Out letters(String text) {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    static long readFixed(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }
}
