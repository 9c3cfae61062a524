package dev.libmona.assembler;

import java.security.MessageDigest;

/** Which event: the client instance as 16 bytes, and the number it gave. */
final class EventId {
    /** Letters of a UUID. */
    private static final int UUID = 36;

    boolean present;
    long high;
    long low;
    long sequence;

    /**
     * Reads {@code <uuid>-<number>}. Any other text is an id too, of an instance that sent this one event.
     */
    void read(byte[] bytes, int from, int to, MessageDigest sha256) {
        present = true;
        if (!ours(bytes, from, to)) {
            sha256.update(bytes, from, to - from);
            byte[] sum = sha256.digest();
            high = Out.readFixed(sum, 0);
            low = Out.readFixed(sum, 8);
            sequence = 0;
        }
    }

    private boolean ours(byte[] bytes, int from, int to) {
        // 18 digits always fit into 63 bits.
        if (to - from < UUID + 2 || to - from > UUID + 19 || bytes[from + UUID] != '-') {
            return false;
        }
        long first = 0;
        long second = 0;
        for (int at = 0; at < UUID; at++) {
            byte letter = bytes[from + at];
            if (at == 8 || at == 13 || at == 18 || at == 23) {
                if (letter != '-') {
                    return false;
                }
                continue;
            }
            // Capital letters would be another text, and so another id.
            int digit = letter >= '0' && letter <= '9' ? letter - '0'
                    : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
            if (digit < 0) {
                return false;
            }
            first = first << 4 | second >>> 60;
            second = second << 4 | digit;
        }
        long number = 0;
        for (int at = from + UUID + 1; at < to; at++) {
            byte letter = bytes[at];
            if (letter < '0' || letter > '9') {
                return false;
            }
            number = number * 10 + (letter - '0');
        }
        if (bytes[from + UUID + 1] == '0' && to - from > UUID + 2) {
            return false;
        }
        high = first;
        low = second;
        sequence = number;
        return true;
    }
}
