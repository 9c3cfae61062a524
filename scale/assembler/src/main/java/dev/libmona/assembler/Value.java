package dev.libmona.assembler;

/** An AnyValue of OTLP where it lies. */
final class Value {
    /** In the order of the fields of AnyValue. */
    enum Kind { NULL, TEXT, BOOLEAN, INTEGER, REAL, LIST, OBJECT, BYTES }

    private static final Kind[] BY_FIELD = Kind.values();
    /** The wire type of each. */
    private static final int[] WIRE = {-1, 2, 0, 0, 1, 2, 2, 2};

    Kind kind = Kind.NULL;
    final byte[] bytes;
    /** Where what is behind its tag begins: a length, or the number. */
    int at;
    /** Of a text, a list and an object: what is inside. */
    int from;
    int to;

    private Value(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Of several fields the last one counts. */
    static Value of(byte[] bytes, int from, int to) {
        Value value = new Value(bytes);
        In in = new In(bytes, from, to);
        try {
            while (in.more()) {
                int tag = in.tag();
                int here = in.at;
                in.skip(tag);
                int field = tag >>> 3;
                if (field < BY_FIELD.length && WIRE[field] == (tag & 7)) {
                    value.kind = BY_FIELD[field];
                    value.at = here;
                    value.to = in.at;
                }
            }
            if (WIRE[value.kind.ordinal()] == 2) {
                in.set(bytes, value.at, to);
                in.length();
                value.from = in.at;
            }
        } catch (Malformed impossible) {
            // It was walked over before.
            throw new IllegalStateException(impossible);
        }
        return value;
    }

    /** Nothing, or a number that is none: a row has no place for it. */
    boolean isNull() {
        return kind == Kind.NULL
                || kind == Kind.REAL && !Double.isFinite(Double.longBitsToDouble(Long.reverseBytes(Out.readFixed(bytes, at))));
    }

    String text() {
        return In.string(bytes, from, to);
    }
}
