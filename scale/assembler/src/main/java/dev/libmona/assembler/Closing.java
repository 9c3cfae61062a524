package dev.libmona.assembler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Turns ARCs into rows, and forgets them: their sections at the end of the horizon, until which late events make another
 * version of the row, and their heads when copies are not expected any more.
 */
final class Closing {
    /** ARCs that are forgotten together, and held in one value. */
    private static final int TOGETHER = 1_000;
    /** Groups of them that are forgotten in one go. */
    private static final int GROUPS_AT_ONCE = 4;

    private final ProcessorContext<byte[], Letter> context;
    private final State state;
    private final Settings settings;
    private final Counters counters;
    private final Row row;
    private final Out out = new Out(256);
    /** Closed since the last group was written. */
    private final List<Key> closed = new ArrayList<>();
    private final Deque<State.Due> sections = new ArrayDeque<>();
    private final Deque<State.Due> heads = new ArrayDeque<>();
    private long known;
    private long lastTime;
    private int lastNumber;

    Closing(ProcessorContext<byte[], Letter> context, State state, Settings settings, Counters counters) {
        this.context = context;
        this.state = state;
        this.settings = settings;
        this.counters = counters;
        row = new Row(settings);
    }

    void close() {
        counters.closed.add(-known);
    }

    /** Of a store that is read: they come in the order of their times. */
    void due(char kind, State.Due due) {
        (kind == 'E' ? sections : heads).add(due);
        known(due.count());
        lastTime = Math.max(lastTime, due.time());
        lastNumber = Math.max(lastNumber, due.number());
    }

    private void known(long more) {
        known += more;
        counters.closed.add(more);
    }

    /** Whether an ARC that was closed is all there, so that more can come to it. */
    boolean isWhole(Key key, Head head, long now) {
        // The section too: what was removed stays removed when a clock is set back.
        return now - head.closed < settings.horizon && (head.sections == 0 || state.section(key, 1) != null);
    }

    /** Sends the row of an ARC, if there is something new in it. */
    void shut(Key key, Open arc, long now, String reason) {
        Events events = new Events();
        for (int number = 1; number <= arc.sections; number++) {
            byte[] section = state.section(key, number);
            if (section != null) {
                events.add(section, State.ARRIVAL, section.length, number);
            }
        }
        events.settle();
        Head before = arc.version == 0 ? null : state.head(key);
        Head head = before == null ? new Head() : before;
        int copies = events.copies - (before == null ? 0 : before.copies);
        boolean news = events.list.size() > head.events || arc.dropped > head.dropped;
        head.closed = now;
        head.sections = arc.sections;
        head.bytes = arc.bytes;
        head.received = arc.received;
        head.dropped = arc.dropped;
        head.copies = events.copies;
        counters.copies.add(copies);
        if (news && !events.list.isEmpty()) {
            send(events, head, now, reason);
        }
        state.head(key, head.write(out));
        if (arc.dropped > 0) {
            state.removeDropped(key);
        }
        closed.add(key);
    }

    private void send(Events events, Head head, long now, String reason) {
        Merge merge = new Merge(settings.maxContexts, settings.maxFields);
        events.list.forEach(merge::add);
        if (head.version == 0) {
            head.firstStarted = merge.main().first;
            head.firstClass = merge.main().arcClass == null ? "" : merge.main().arcClass;
        }
        head.version++;
        head.events = events.list.size();
        head.ranges = events.ranges;
        Set<String> truncated = new LinkedHashSet<>();
        if (reason != null) {
            truncated.add(reason);
        }
        if (head.dropped > 0) {
            truncated.add("events");
        }
        byte[] json = row.write(events, merge, head, now, truncated);
        counters.leftOut.add(row.leftOut);
        counters.merged.add(head.events);
        (head.version == 1 ? counters.arcs : counters.updates).increment();
        out.clear();
        byte[] key = out.put(events.user).put(0).put(events.arc).copy();
        context.forward(new Record<>(key, new Letter(Letter.To.ARCS, json), now));
    }

    /** Events for an ARC of which nothing is left but its head. */
    void late(Head head, byte[] bytes, int from, int length) {
        Events events = new Events();
        events.add(bytes, from, from + length, 0);
        events.settle();
        counters.copies.add(events.copies);
        long now = context.currentSystemTimeMs();
        for (Event event : events.list) {
            if (event.hasId && head.ranges.contains(event.high, event.low, event.sequence)) {
                counters.copies.increment();
                continue;
            }
            counters.late.increment();
            out.clear();
            byte[] key = out.put(events.user).put(0).put(events.arc).copy();
            context.forward(new Record<>(key, new Letter(Letter.To.LATE, Late.write(out, events, event)), now));
        }
    }

    /** Writes down which ARCs were closed, so that they are forgotten in time. */
    void file(long now) {
        for (int from = 0; from < closed.size(); from += TOGETHER) {
            List<Key> some = closed.subList(from, Math.min(closed.size(), from + TOGETHER));
            // In order, whatever the clock does: the queue is read from its start.
            lastNumber = now > lastTime ? 0 : lastNumber + 1;
            lastTime = Math.max(lastTime, now);
            State.Due due = new State.Due(lastTime, lastNumber, some.size());
            state.due('E', due, some);
            sections.add(due);
            known(some.size());
        }
        closed.clear();
    }

    /** Removes what is due; an ARC that is open again, or was closed again since, stays. */
    void forget(long now, Set<Key> open) {
        for (int count = 0; count < GROUPS_AT_ONCE && isDue(sections, now, settings.horizon); count++) {
            State.Due due = sections.poll();
            List<Key> keys = state.due('E', due);
            List<Key> left = new ArrayList<>(keys.size());
            for (Key key : keys) {
                Head head = state.head(key);
                // Closed again since: it has a later place in the queue.
                if (head == null || head.closed > due.time() || open.contains(key)) {
                    continue;
                }
                for (int number = 1; number <= head.sections; number++) {
                    state.removeSection(key, number);
                }
                left.add(key);
            }
            state.removeDue('E', due);
            known(left.size() - due.count());
            if (!left.isEmpty()) {
                State.Due later = new State.Due(due.time(), due.number(), left.size());
                state.due('T', later, left);
                heads.add(later);
            }
        }
        for (int count = 0; count < GROUPS_AT_ONCE && (isDue(heads, now, settings.memory) || isCrowded()); count++) {
            State.Due due = heads.poll();
            if (!(due.time() + settings.memory <= now)) {
                counters.forgotten.add(due.count());
            }
            for (Key key : state.due('T', due)) {
                state.removeHead(key);
            }
            state.removeDue('T', due);
            known(-due.count());
        }
    }

    private static boolean isDue(Deque<State.Due> queue, long now, long after) {
        return !queue.isEmpty() && queue.peek().time() + after <= now;
    }

    private boolean isCrowded() {
        return known > settings.maxClosed && !heads.isEmpty();
    }
}
