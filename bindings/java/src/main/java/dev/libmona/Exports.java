package dev.libmona;

import java.lang.ref.Reference;
import java.time.Instant;
import java.util.Map;

/** Exports from a stack; null is the empty one, from which libmona refuses them. */
final class Exports {
    static final Outcome CLOSED_CONTEXT = Outcome.failure(Status.NO_CONTEXT,
            "context: closed, an open one is expected");

    private Exports() {}

    static Outcome fields(Stack stack, Instant at, Fields fields) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            Event event = scratch.event;
            event.clear();
            if (fields == null) {
                event.nil("");
                event.refuse("", Status.JSON, "null instead of a function that writes fields");
            } else {
                fields.write(event);
            }
            return send(stack, scratch, event, scratch.timestamp(at));
        } finally {
            scratch.give(local);
        }
    }

    static Outcome map(Stack stack, Instant at, Map<?, ?> fields) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            scratch.event.clear();
            Values.write(scratch.event, fields);
            return send(stack, scratch, scratch.event, scratch.timestamp(at));
        } finally {
            scratch.give(local);
        }
    }

    /** Sends what an event has, with a timestamp of any kind at an address. */
    static Outcome send(Stack stack, Scratch scratch, Event event, long timestamp) {
        long pointer = 0;
        if (stack != null) {
            pointer = stack.pointer();
            if (pointer == 0) {
                return CLOSED_CONTEXT;
            }
        }
        Outcome outcome = event.send(pointer, scratch, timestamp);
        Reference.reachabilityFence(stack);
        return outcome;
    }

    static Outcome json(Stack stack, Instant at, String json) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            return json(stack, scratch, scratch.timestamp(at), json);
        } finally {
            scratch.give(local);
        }
    }

    static Outcome json(Stack stack, Scratch scratch, long timestamp, String json) {
        long pointer = 0;
        if (stack != null) {
            pointer = stack.pointer();
            if (pointer == 0) {
                return CLOSED_CONTEXT;
            }
        }
        long text = scratch.text(json == null ? "null" : Event.bounded(json));
        Outcome outcome = scratch.taken(Calls.stackExport(pointer, text, scratch.textLength(), timestamp,
                scratch.takenAddress()));
        scratch.forget();
        Reference.reachabilityFence(stack);
        return outcome;
    }

    static String id(Stack stack) {
        long pointer = stack == null ? 0 : stack.pointer();
        String id = Out.read((buffer, room, length) -> Calls.stackId(pointer, buffer, room, length)).text();
        Reference.reachabilityFence(stack);
        return id;
    }
}
