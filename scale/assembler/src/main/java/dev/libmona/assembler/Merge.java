package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the events of an ARC come to: its contexts with their classes and fields, as the local collector merges them
 * (collector/src/store). Vectors in tests/conformance/arcs hold both to it.
 */
final class Merge {
    /** Contexts nest a few levels; deeper segments become one. */
    private static final int MAX_SEGMENTS = 64;
    private static final String CLASS = "MONA_ARC_CLASS";
    private static final String GLOBALS = "MONA_GLOBALS";

    final List<Context> contexts = new ArrayList<>();
    private final Map<String, Context> bySuffix = new HashMap<>();
    private final int maxContexts;
    private final int maxFields;
    /** Contexts for which there was no room, by their events. */
    int homeless;

    /** One context. */
    static final class Context {
        final String suffix;
        /** Its place in the list is its position; -1 is that around the main context. */
        final int parent;
        final int position;
        final Fields fields;
        String arcClass;
        long first;
        long last;
        int events;

        Context(String suffix, int parent, int position, long time, int maxFields) {
            this.suffix = suffix;
            this.parent = parent;
            this.position = position;
            this.first = time;
            this.last = time;
            this.fields = new Fields(maxFields);
        }

        void touch(long time) {
            first = Math.min(first, time);
            last = Math.max(last, time);
        }
    }

    Merge(int maxContexts, int maxFields) {
        this.maxContexts = maxContexts;
        this.maxFields = maxFields;
    }

    Context main() {
        return contexts.get(0);
    }

    /** One event; they come in order. */
    void add(Event event) {
        Context context = place(event.suffix, event.time);
        Context main = main();
        main.touch(event.time);
        if (context == null) {
            homeless++;
            return;
        }
        context.events++;
        context.touch(event.time);
        if (event.arcClass != null) {
            context.arcClass = Names.bounded(event.arcClass);
        }
        try {
            // Globals lie beneath the fields of the event that they came in.
            Json.Pairs pairs = new Json.Pairs(event.bytes, event.from, event.to);
            while (pairs.next()) {
                if (is(event.bytes, pairs, GLOBALS)) {
                    Value value = Value.of(event.bytes, pairs.valueFrom, pairs.valueTo);
                    if (value.kind == Value.Kind.OBJECT) {
                        addGlobals(main.fields, value);
                    }
                }
            }
            pairs = new Json.Pairs(event.bytes, event.from, event.to);
            while (pairs.next()) {
                addField(context, event.bytes, pairs);
            }
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void addGlobals(Fields fields, Value value) throws Malformed {
        Json.Pairs pairs = new Json.Pairs(value.bytes, value.from, value.to);
        while (pairs.next()) {
            String name = In.string(value.bytes, pairs.keyFrom, pairs.keyTo);
            fields.add(name, value.bytes, pairs.valueFrom, pairs.valueTo, true);
        }
    }

    private static void addField(Context context, byte[] bytes, Json.Pairs pairs) {
        if (is(bytes, pairs, CLASS)) {
            Value value = Value.of(bytes, pairs.valueFrom, pairs.valueTo);
            if (value.kind == Value.Kind.TEXT) {
                if (value.from < value.to) {
                    context.arcClass = Names.bounded(value.text());
                }
                return;
            }
        } else if (is(bytes, pairs, GLOBALS)
                && Value.of(bytes, pairs.valueFrom, pairs.valueTo).kind == Value.Kind.OBJECT) {
            return;
        }
        String name = In.string(bytes, pairs.keyFrom, pairs.keyTo);
        context.fields.add(name, bytes, pairs.valueFrom, pairs.valueTo, false);
    }

    private static boolean is(byte[] bytes, Json.Pairs pairs, String name) {
        if (pairs.keyTo - pairs.keyFrom != name.length()) {
            return false;
        }
        for (int at = 0; at < name.length(); at++) {
            if (bytes[pairs.keyFrom + at] != name.charAt(at)) {
                return false;
            }
        }
        return true;
    }

    /** The context of this id; those around it are made too. Null: there is no room for it. */
    private Context place(String suffix, long time) {
        Context known = bySuffix.get(suffix);
        if (known != null) {
            return known;
        }
        int parent = own("", -1, time);
        // The first segment is the ARC; the suffix is empty, or begins with the dot behind it.
        int from = 0;
        for (int segment = 2; from < suffix.length(); segment++) {
            int dot = segment < MAX_SEGMENTS ? suffix.indexOf('.', from + 1) : -1;
            int end = dot < 0 ? suffix.length() : dot;
            parent = own(suffix.substring(0, end), parent, time);
            if (parent < 0) {
                return null;
            }
            from = end;
        }
        return contexts.get(parent);
    }

    private int own(String suffix, int parent, long time) {
        Context known = bySuffix.get(suffix);
        if (known != null) {
            return known.position;
        }
        if (contexts.size() >= maxContexts) {
            return -1;
        }
        Context context = new Context(suffix, parent, contexts.size(), time, maxFields);
        contexts.add(context);
        bySuffix.put(suffix, context);
        return contexts.size() - 1;
    }
}
