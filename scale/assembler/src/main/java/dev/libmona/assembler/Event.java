package dev.libmona.assembler;

/** One event of a section, where it lies. */
final class Event {
    final byte[] bytes;
    /** Which section it came in, by arrival. */
    final int arrival;
    boolean hasId;
    long high;
    long low;
    long sequence;
    long time;
    /** The full id without the ARC id at its start. */
    String suffix;
    /** The class beside the message; null: none. */
    String arcClass;
    /** The fields of a KeyValueList. */
    int from;
    int to;

    private Event(byte[] bytes, int arrival) {
        this.bytes = bytes;
        this.arrival = arrival;
    }

    /** Reads one that begins here; `before` is the one before it in the same section. */
    static Event read(In in, Event before, int arrival) throws Malformed {
        int count = in.length();
        int start = in.take(count);
        In part = new In(in.bytes, start, start + count);
        Event event = new Event(in.bytes, arrival);
        int flags = in.bytes[part.take(1)];
        event.hasId = (flags & Section.HAS_ID) != 0;
        if (event.hasId) {
            if ((flags & Section.SAME_INSTANCE) != 0) {
                if (before == null) {
                    throw new Malformed("an event of the same instance behind none");
                }
                event.high = before.high;
                event.low = before.low;
            } else {
                event.high = part.fixed();
                event.low = part.fixed();
            }
            event.sequence = part.varint();
        } else if (before != null) {
            // For those behind it.
            event.high = before.high;
            event.low = before.low;
        }
        event.time = part.fixed();
        int length = part.length();
        int at = part.take(length);
        event.suffix = length == 0 ? "" : In.string(in.bytes, at, at + length);
        if ((flags & Section.HAS_CLASS) != 0) {
            length = part.length();
            at = part.take(length);
            event.arcClass = In.string(in.bytes, at, at + length);
        }
        event.from = part.at;
        event.to = part.end;
        return event;
    }

    boolean sameInstance(Event other) {
        return hasId && other.hasId && high == other.high && low == other.low;
    }
}
