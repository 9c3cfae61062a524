package dev.libmona.assembler;

/** What is in memory of an ARC that is open; its sections are in the store. */
final class Open {
    /** When its first and its last event arrived since it was opened, in milliseconds of our clock. */
    long opened;
    long last;
    /** Sections in the store, numbered from 1. */
    int sections;
    /** Their bytes, and events with copies. */
    int bytes;
    int received;
    /** Events that were left out as it was full. */
    int dropped;
    /** It was closed before, in this version; 0: it is new. */
    int version;

    static Open fresh(long now) {
        Open open = new Open();
        open.opened = now;
        open.last = now;
        return open;
    }

    static Open again(Head head, long now) {
        Open open = fresh(now);
        open.sections = head.sections;
        open.bytes = head.bytes;
        open.received = head.received;
        open.dropped = head.dropped;
        open.version = head.version;
        return open;
    }
}
