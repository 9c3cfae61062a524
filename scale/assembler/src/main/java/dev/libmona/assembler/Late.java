package dev.libmona.assembler;

import java.util.UUID;

/** An event that came too late for its ARC, as a line of JSON. */
final class Late {
    private Late() {}

    static byte[] write(Out out, Events events, Event event) {
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
        Json.object(out, event.bytes, event.from, event.to);
        out.put('}');
        return out.copy();
    }
}
