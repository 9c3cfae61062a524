package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The events of one ARC out of all its sections: copies removed, in an order that does not depend on that of arrival.
 *
 * <p>Events of one client instance are in the order of their sequence numbers, which is that of the calls. Of several
 * instances the one goes on whose next event is the oldest. Events without an id count as one instance, in the order they
 * arrived.
 */
final class Events {
    byte[] user = new byte[0];
    byte[] arc = new byte[0];
    /** In order. */
    List<Event> list = new ArrayList<>();
    int copies;
    /** Which events these are, by instance. */
    final Ranges ranges = new Ranges();

    private static final Comparator<Event> BY_INSTANCE = (one, other) -> {
        int order = Boolean.compare(one.hasId, other.hasId);
        if (order != 0 || !one.hasId) {
            return order;
        }
        order = Long.compareUnsigned(one.high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(one.low, other.low);
        return order != 0 ? order : Long.compareUnsigned(one.sequence, other.sequence);
    };

    /** Reads a section, without what is before its user id. */
    void add(byte[] bytes, int from, int to, int arrival) {
        try {
            In in = new In(bytes, from, to);
            user = in.text();
            arc = in.text();
            int count = in.length();
            Event before = null;
            for (int at = 0; at < count; at++) {
                before = Event.read(in, before, arrival);
                list.add(before);
            }
        } catch (Malformed impossible) {
            throw new IllegalStateException("a section of our own: " + impossible.getMessage());
        }
    }

    /** Removes copies, and puts the rest in order. */
    void settle() {
        // Stable: those without an id stay as they arrived.
        list.sort(BY_INSTANCE);
        List<List<Event>> lanes = new ArrayList<>(2);
        Event before = null;
        for (Event event : list) {
            boolean same = before != null && (event.sameInstance(before) || !event.hasId && !before.hasId);
            if (same && event.hasId && event.sequence == before.sequence) {
                copies++;
                continue;
            }
            if (!same) {
                lanes.add(new ArrayList<>());
            }
            lanes.get(lanes.size() - 1).add(event);
            if (event.hasId) {
                ranges.append(event.high, event.low, event.sequence);
            }
            before = event;
        }
        list = lanes.size() == 1 ? lanes.get(0) : woven(lanes);
    }

    private static List<Event> woven(List<List<Event>> lanes) {
        List<Event> all = new ArrayList<>();
        int[] next = new int[lanes.size()];
        // Ids of others make a lane for each event: there may be as many as events.
        PriorityQueue<Integer> first = new PriorityQueue<>(Comparator
                .<Integer>comparingLong(lane -> time(lanes, next, lane)).thenComparingInt(lane -> lane));
        for (int lane = 0; lane < next.length; lane++) {
            first.add(lane);
        }
        for (Integer lane = first.poll(); lane != null; lane = first.poll()) {
            all.add(lanes.get(lane).get(next[lane]++));
            if (next[lane] < lanes.get(lane).size()) {
                first.add(lane);
            }
        }
        return all;
    }

    private static long time(List<List<Event>> lanes, int[] next, int lane) {
        return lanes.get(lane).get(next[lane]).time;
    }
}
