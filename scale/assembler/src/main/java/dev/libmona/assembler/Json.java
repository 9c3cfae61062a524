package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Writes values of OTLP as JSON. */
final class Json {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Json() {}

    static byte[] of(byte[] bytes, Otlp.Part value) {
        Out out = new Out(64);
        value(out, bytes, value.from, value.to);
        return out.copy();
    }

    /** An AnyValue; it was walked over before. */
    static void value(Out out, byte[] bytes, int from, int to) {
        try {
            any(out, new In(bytes, from, to));
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Texts as they are in rows: long ones are cut. Lists too, as their JSON text. */
    static void cell(Out out, byte[] bytes, int from, int to) {
        int before = out.length;
        value(out, bytes, from, to);
        byte first = out.bytes[before];
        if (out.length - before <= Names.MAX_TEXT || first != '"' && first != '[' && first != '{') {
            return;
        }
        Value value = Value.of(bytes, from, to);
        boolean text = value.kind == Value.Kind.TEXT;
        byte[] whole = text ? bytes : out.copy();
        int start = text ? value.from : before;
        int end = text ? value.to : out.length;
        if (end - start > Names.MAX_TEXT) {
            out.length = before;
            string(out, Names.shortened(whole, start, end, Names.MAX_TEXT));
        }
    }

    private static void any(Out out, In in) throws Malformed {
        Value value = Value.of(in.bytes, in.at, in.end);
        in.at = value.at;
        switch (value.kind) {
            case TEXT -> {
                int count = in.length();
                int from = in.take(count);
                string(out, in.bytes, from, from + count);
            }
            case BOOLEAN -> out.letters(in.varint() != 0 ? "true" : "false");
            case INTEGER -> number(out, in.varint());
            case REAL -> {
                double real = Double.longBitsToDouble(in.little());
                out.letters(Double.isFinite(real) ? Double.toString(real) : "null");
            }
            case LIST -> list(out, in);
            case OBJECT -> object(out, in.bytes, value.from, value.to);
            case BYTES -> string(out, Base64.getEncoder().encodeToString(in.text()));
            case NULL -> out.letters("null");
        }
    }

    private static void list(Out out, In in) throws Malformed {
        int count = in.length();
        int from = in.take(count);
        In list = new In(in.bytes, from, from + count);
        out.put('[');
        boolean first = true;
        while (list.more()) {
            int tag = list.tag();
            if (tag != (1 << 3 | 2)) {
                list.skip(tag);
                continue;
            }
            if (!first) {
                out.put(',');
            }
            first = false;
            int length = list.length();
            int start = list.take(length);
            any(out, new In(in.bytes, start, start + length));
        }
        out.put(']');
    }

    /** The pairs of a KeyValueList as an object. */
    static void object(Out out, byte[] bytes, int from, int to) {
        try {
            Pairs pairs = new Pairs(bytes, from, to);
            out.put('{');
            boolean first = true;
            while (pairs.next()) {
                if (!first) {
                    out.put(',');
                }
                first = false;
                string(out, bytes, pairs.keyFrom, pairs.keyTo);
                out.put(':');
                any(out, new In(bytes, pairs.valueFrom, pairs.valueTo));
            }
            out.put('}');
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The pairs of a KeyValueList, one after the other. */
    static final class Pairs {
        private final In in;
        private final In pair;
        int keyFrom;
        int keyTo;
        int valueFrom;
        int valueTo;

        Pairs(byte[] bytes, int from, int to) {
            in = new In(bytes, from, to);
            pair = new In(bytes, from, to);
        }

        boolean next() throws Malformed {
            while (in.more()) {
                int tag = in.tag();
                if (tag != (1 << 3 | 2)) {
                    in.skip(tag);
                    continue;
                }
                int count = in.length();
                int from = in.take(count);
                read(pair.set(in.bytes, from, from + count));
                return true;
            }
            return false;
        }

        private void read(In pair) throws Malformed {
            keyFrom = keyTo = valueFrom = valueTo = 0;
            while (pair.more()) {
                int tag = pair.tag();
                switch (tag) {
                    case 1 << 3 | 2 -> {
                        int count = pair.length();
                        keyFrom = pair.take(count);
                        keyTo = keyFrom + count;
                    }
                    case 2 << 3 | 2 -> {
                        int count = pair.length();
                        valueFrom = pair.take(count);
                        valueTo = valueFrom + count;
                    }
                    default -> pair.skip(tag);
                }
            }
        }
    }

    static void number(Out out, long number) {
        out.letters(Long.toString(number));
    }

    static void string(Out out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        quoted(out, bytes, 0, bytes.length);
    }

    /** Text in quotes; what is not UTF-8 becomes U+FFFD. */
    static void string(Out out, byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] < 0) {
                string(out, In.string(bytes, from, to));
                return;
            }
        }
        quoted(out, bytes, from, to);
    }

    private static void quoted(Out out, byte[] bytes, int from, int to) {
        out.put('"');
        int start = from;
        for (int at = from; at < to; at++) {
            byte octet = bytes[at];
            if (octet == '"' || octet == '\\' || octet >= 0 && octet < 0x20) {
                out.put(bytes, start, at - start);
                start = at + 1;
                out.put('\\');
                switch (octet) {
                    case '"', '\\' -> out.put(octet);
                    case '\n' -> out.put('n');
                    case '\t' -> out.put('t');
                    case '\r' -> out.put('r');
                    default -> out.letters("u00").put(HEX[octet >> 4]).put(HEX[octet & 15]);
                }
            }
        }
        out.put(bytes, start, to - start);
        out.put('"');
    }
}
