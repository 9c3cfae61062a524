package dev.libmona.assembler;

/**
 * Which ARC: the first 16 bytes of a SHA-256 of user id and ARC id. A sender cannot make two ids meet, and keys are short.
 */
record Key(long high, long low) {
    static final int BYTES = 16;

    @Override
    public int hashCode() {
        return (int) low;
    }

    // What a record makes by itself takes several times as long, and each section asks.
    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && key.low == low && key.high == high;
    }

    int partition(int partitions) {
        return (int) Long.remainderUnsigned(high, partitions);
    }
}
