package dev.libmona.assembler;

/** What goes out: to which topic. */
record Letter(To to, byte[] value) {
    enum To { ARCS, LATE }
}
