package dev.libmona.assembler;

import java.util.UUID;

/** An event that came too late for its ARC, as a line of JSON. */
final class Late {
    private Late() {}

    /** At most so many bytes, and a little more: of a larger message only its size is said. */
    static byte[] write(Out out, Events events, Event event, int most) {
        out.clear();
        out.letters("{\"user_id\":");
        Json.string(out, events.user, 0, events.user.length);
        out.letters(",\"arc_id\":");
        Json.string(out, events.arc, 0, events.arc.length);
        out.letters(",\"context\":");
        Json.string(out, In.string(events.arc, 0, events.arc.length) + event.suffix);
        out.letters(",\"time\":");
        Json.number(out, event.time);
        if (event.hasId) {
            out.letters(",\"event_id\":");
            Json.string(out, new UUID(event.high, event.low) + "-" + event.sequence);
        }
        if (event.arcClass != null) {
            out.letters(",\"arc_class\":");
            Json.string(out, event.arcClass);
        }
        out.letters(",\"message\":");
        int before = out.length;
        Json.object(out, event.bytes, event.from, event.to);
        if (out.length > most) {
            // JSON is up to six times as large as what came; Kafka would refuse it each time it is tried again.
            out.length = before;
            out.letters("{},\"left_out\":");
            Json.number(out, event.to - event.from);
        }
        out.put('}');
        return out.copy();
    }
}
