package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The merged fields of one context, by the rules of the local collector: later values win, objects are flattened with dots,
 * of several values of one field the last one counts whole, globals lie beneath what the context has of its own, and null is
 * nothing.
 */
final class Fields {
    /** Objects in objects that become fields; what is deeper stays an object. */
    private static final int MAX_LEVELS = 8;

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    /** Names that were inside an object once. */
    private NavigableSet<String> inner = Collections.emptyNavigableSet();
    private final int most;
    /** Values for which there was no room. */
    int leftOut;

    /** A value where it lies. */
    record Slot(byte[] bytes, int from, int to, boolean global) {}

    Fields(int most) {
        this.most = most;
    }

    Map<String, Slot> slots() {
        return slots;
    }

    /** Merges a field in, or a global. */
    void add(String name, byte[] bytes, int from, int to, boolean global) {
        String bounded = Names.bounded(name);
        Value value = Value.of(bytes, from, to);
        if (replace(bounded, value.kind == Value.Kind.OBJECT, global)) {
            put(bounded, value, from, to, MAX_LEVELS, global);
        }
    }

    /**
     * What an earlier value of this name had inside goes, and for an object the value itself. Gives whether the new one has
     * its place: a global has no more than that of an earlier global.
     */
    private boolean replace(String name, boolean object, boolean global) {
        List<String> gone = new ArrayList<>(0);
        if (!inner.isEmpty()) {
            // '/' is behind '.': all that begin with the name and a dot.
            for (String known : inner.subSet(name + '.', name + '/')) {
                if (slots.containsKey(known)) {
                    gone.add(known);
                }
            }
        }
        if ((object || global) && slots.containsKey(name)) {
            gone.add(name);
        }
        if (global) {
            for (String known : gone) {
                if (!slots.get(known).global()) {
                    return false;
                }
            }
        }
        for (String known : gone) {
            slots.remove(known);
        }
        return true;
    }

    private void put(String name, Value value, int from, int to, int levels, boolean global) {
        if (value.kind == Value.Kind.OBJECT && levels > 0 && value.from < value.to) {
            try {
                Json.Pairs pairs = new Json.Pairs(value.bytes, value.from, value.to);
                while (pairs.next()) {
                    String below = In.string(value.bytes, pairs.keyFrom, pairs.keyTo);
                    Value part = Value.of(value.bytes, pairs.valueFrom, pairs.valueTo);
                    put(Names.bounded(name + '.' + below), part, pairs.valueFrom, pairs.valueTo, levels - 1, global);
                }
            } catch (Malformed impossible) {
                throw new IllegalStateException(impossible);
            }
            return;
        }
        if (levels < MAX_LEVELS) {
            if (inner.isEmpty()) {
                inner = new TreeSet<>();
            } else if (inner.size() > 2 * most) {
                // Names that are made up for each event would be looked through by each that follows.
                inner.retainAll(slots.keySet());
            }
            inner.add(name);
        }
        Slot known = slots.get(name);
        if (global && known != null && !known.global()) {
            return;
        }
        if (value.isNull()) {
            slots.remove(name);
        } else if (known == null && slots.size() >= most) {
            leftOut++;
        } else {
            slots.put(name, new Slot(value.bytes, from, to, global));
        }
    }
}
