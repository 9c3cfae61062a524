package dev.libmona.assembler;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads events out of an ExportLogsServiceRequest, in both shapes: as libmona sends OTLP (the message is the body) and as
 * the fluent_forward receiver of an OpenTelemetry Collector makes it of Forward (the message is an attribute).
 *
 * <p>Only what an ARC needs is read; all of the rest is walked over, so that what is handed on cannot turn out to be broken
 * later.
 */
final class Otlp {
    /** Lists and objects in each other; libmona sends a few, and each level takes some of our stack. */
    private static final int MAX_DEPTH = 200;
    /** Times outside of these are no moments of an event: as in the local collector, before 1970 or after the year 5138. */
    private static final long MAX_SECONDS = 100_000_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private static final byte[] USER = ascii("user_id");
    private static final byte[] CONTEXT = ascii("context");
    private static final byte[] MESSAGE = ascii("message");
    private static final byte[] CLASS = ascii("arc_class");
    private static final byte[] STAMP = ascii("export_timestamp");
    private static final byte[] EVENT = ascii("event_id");

    /** Takes one event after the other. */
    interface Sink {
        void event(Otlp event) throws Malformed;
    }

    byte[] bytes;
    /** Where its LogRecord lies. */
    int from;
    int to;
    /** In nanoseconds since 1970. */
    long time;
    /** The record gave a time that is none. */
    boolean untimely;
    final Part user = new Part();
    final Part context = new Part();
    final Part arcClass = new Part();
    final Part eventId = new Part();
    /** The fields of a KeyValueList. */
    final Part message = new Part();

    /** Some of the bytes. */
    static final class Part {
        int from;
        int to;
        boolean present;
        /** It is text; else `from` to `to` is an AnyValue. */
        boolean text;

        void set(int from, int to) {
            this.from = from;
            this.to = to;
            this.present = true;
        }

        int length() {
            return to - from;
        }
    }

    /** Reads all events of a request. Where it fails, those before were handed on already. */
    void read(byte[] request, Sink sink) throws Malformed {
        bytes = request;
        In in = new In(request);
        while (in.more()) {
            int tag = in.tag();
            if (tag == (1 << 3 | 2)) {
                resource(message(in), sink);
            } else {
                in.skip(tag);
            }
        }
    }

    private static In message(In in) throws Malformed {
        int count = in.length();
        int from = in.take(count);
        return new In(in.bytes, from, from + count);
    }

    private void resource(In in, Sink sink) throws Malformed {
        while (in.more()) {
            int tag = in.tag();
            if (tag == (2 << 3 | 2)) {
                scope(message(in), sink);
            } else {
                in.skip(tag);
            }
        }
    }

    private void scope(In in, Sink sink) throws Malformed {
        while (in.more()) {
            int tag = in.tag();
            if (tag == (2 << 3 | 2)) {
                record(message(in), sink);
            } else {
                in.skip(tag);
            }
        }
    }

    private void record(In in, Sink sink) throws Malformed {
        long happened = 0;
        long observed = 0;
        from = in.at;
        to = in.end;
        stamp = NONE;
        user.present = context.present = arcClass.present = eventId.present = message.present = false;
        boolean named = false;
        int bodyFrom = 0;
        int bodyTo = 0;
        while (in.more()) {
            int tag = in.tag();
            switch (tag) {
                case 1 << 3 | 1 -> happened = in.little();
                case 11 << 3 | 1 -> observed = in.little();
                case 5 << 3 | 2 -> {
                    int count = in.length();
                    bodyFrom = in.take(count);
                    bodyTo = bodyFrom + count;
                }
                case 6 << 3 | 2 -> {
                    int count = in.length();
                    int from = in.take(count);
                    named |= attribute(from, from + count);
                }
                default -> in.skip(tag);
            }
        }
        if (bodyFrom != bodyTo) {
            check(bodyFrom, bodyTo, 0);
            if (!named) {
                fields(bodyFrom, bodyTo, message);
            }
        }
        setTime(happened, observed);
        sink.event(this);
    }

    private static final long NONE = Long.MIN_VALUE;
    private long stamp;

    /** Whole seconds of `export_timestamp` count; what is behind them is taken from the record's time if that is the same second. */
    private void setTime(long happened, long observed) {
        untimely = false;
        time = happened > 0 && happened / SECOND < MAX_SECONDS ? happened : Math.max(0, observed);
        if (stamp != NONE) {
            if (stamp < 0 || stamp >= MAX_SECONDS) {
                untimely = true;
            } else if (time / SECOND != stamp) {
                // Years after 2262 do not fit; their events are at its end.
                time = stamp > Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : stamp * SECOND;
            }
        }
    }

    /** Keeps what is ours; true if it was the message. */
    private boolean attribute(int from, int to) throws Malformed {
        In in = new In(bytes, from, to);
        int keyFrom = 0;
        int keyTo = 0;
        int valueFrom = 0;
        int valueTo = 0;
        while (in.more()) {
            int tag = in.tag();
            if (tag == (1 << 3 | 2)) {
                int count = in.length();
                keyFrom = in.take(count);
                keyTo = keyFrom + count;
            } else if (tag == (2 << 3 | 2)) {
                int count = in.length();
                valueFrom = in.take(count);
                valueTo = valueFrom + count;
                check(valueFrom, valueTo, 0);
            } else {
                in.skip(tag);
            }
        }
        switch (keyTo - keyFrom) {
            case 7 -> {
                if (is(USER, keyFrom, keyTo)) {
                    any(valueFrom, valueTo, user);
                } else if (is(CONTEXT, keyFrom, keyTo)) {
                    text(valueFrom, valueTo, context);
                } else if (is(MESSAGE, keyFrom, keyTo)) {
                    message.present = false;
                    fields(valueFrom, valueTo, message);
                    return true;
                }
            }
            case 8 -> {
                if (is(EVENT, keyFrom, keyTo)) {
                    text(valueFrom, valueTo, eventId);
                }
            }
            case 9 -> {
                if (is(CLASS, keyFrom, keyTo)) {
                    text(valueFrom, valueTo, arcClass);
                }
            }
            case 16 -> {
                if (is(STAMP, keyFrom, keyTo)) {
                    stamp = seconds(valueFrom, valueTo);
                }
            }
            default -> { }
        }
        return false;
    }

    private boolean is(byte[] name, int from, int to) {
        return Arrays.equals(bytes, from, to, name, 0, name.length);
    }

    private void any(int from, int to, Part part) throws Malformed {
        text(from, to, part);
        part.text = part.present;
        if (!part.present && from != to) {
            part.set(from, to);
        }
    }

    private void text(int from, int to, Part part) throws Malformed {
        inner(from, to, 1, part);
    }

    private void fields(int from, int to, Part part) throws Malformed {
        inner(from, to, 6, part);
    }

    /** What is in a field of an AnyValue, if that is its last. */
    private void inner(int from, int to, int field, Part part) throws Malformed {
        In in = new In(bytes, from, to);
        part.present = false;
        while (in.more()) {
            int tag = in.tag();
            if (tag == (field << 3 | 2)) {
                int count = in.length();
                int at = in.take(count);
                part.set(at, at + count);
            } else {
                part.present &= tag >>> 3 > 7;
                in.skip(tag);
            }
        }
    }

    private long seconds(int from, int to) throws Malformed {
        In in = new In(bytes, from, to);
        long seconds = -1;
        while (in.more()) {
            int tag = in.tag();
            switch (tag) {
                case 3 << 3 -> seconds = in.varint();
                case 4 << 3 | 1 -> seconds = (long) Double.longBitsToDouble(in.little());
                default -> in.skip(tag);
            }
        }
        return seconds;
    }

    /** Walks over an AnyValue. */
    private void check(int from, int to, int depth) throws Malformed {
        if (depth > MAX_DEPTH) {
            throw new Malformed("a value of more than " + MAX_DEPTH + " levels");
        }
        In in = new In(bytes, from, to);
        while (in.more()) {
            int tag = in.tag();
            if (tag == (5 << 3 | 2)) {
                list(message(in), depth + 1);
            } else if (tag == (6 << 3 | 2)) {
                object(message(in), depth + 1);
            } else {
                in.skip(tag);
            }
        }
    }

    private void list(In in, int depth) throws Malformed {
        while (in.more()) {
            int tag = in.tag();
            if (tag == (1 << 3 | 2)) {
                int count = in.length();
                int from = in.take(count);
                check(from, from + count, depth);
            } else {
                in.skip(tag);
            }
        }
    }

    private void object(In in, int depth) throws Malformed {
        while (in.more()) {
            int tag = in.tag();
            if (tag == (1 << 3 | 2)) {
                In pair = message(in);
                while (pair.more()) {
                    int part = pair.tag();
                    if (part == (2 << 3 | 2)) {
                        int count = pair.length();
                        int from = pair.take(count);
                        check(from, from + count, depth);
                    } else {
                        pair.skip(part);
                    }
                }
            } else {
                in.skip(tag);
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
