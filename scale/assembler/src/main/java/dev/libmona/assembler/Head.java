package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;

/**
 * What is kept of an ARC that was closed: for the horizon beside its sections, then alone, so that what comes later is known
 * as a copy or as too late and is not taken for a new ARC.
 */
final class Head {
    /** Of the row that was sent last. */
    int version;
    /** When it was closed the last time, in milliseconds of our clock. */
    long closed;
    /** Sections that it had then, and their bytes and events with copies. */
    int sections;
    int bytes;
    int received;
    /** Events in the row. */
    int events;
    /** Copies that were found in all of it. */
    int copies;
    /** Events that were left out, as the ARC was full. */
    int dropped;
    /** What the first version said of these: rows of all versions have them in common. */
    long firstClosed;
    long firstStarted;
    String firstClass = "";
    Ranges ranges = new Ranges();

    byte[] write(Out out) {
        out.clear();
        out.varint(version).fixed(closed).varint(sections).varint(bytes).varint(received);
        out.varint(events).varint(copies).varint(dropped);
        out.fixed(firstClosed).fixed(firstStarted).text(firstClass.getBytes(StandardCharsets.UTF_8));
        ranges.write(out);
        return out.copy();
    }

    static Head read(byte[] bytes) {
        try {
            In in = new In(bytes);
            Head head = new Head();
            head.version = (int) in.varint();
            head.closed = in.fixed();
            head.sections = (int) in.varint();
            head.bytes = (int) in.varint();
            head.received = (int) in.varint();
            head.events = (int) in.varint();
            head.copies = (int) in.varint();
            head.dropped = (int) in.varint();
            head.firstClosed = in.fixed();
            head.firstStarted = in.fixed();
            head.firstClass = new String(in.text(), StandardCharsets.UTF_8);
            head.ranges = Ranges.read(in);
            return head;
        } catch (Malformed impossible) {
            throw new IllegalStateException("a head of our own: " + impossible.getMessage());
        }
    }
}
