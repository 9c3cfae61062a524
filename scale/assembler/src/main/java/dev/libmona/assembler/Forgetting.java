package dev.libmona.assembler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Forgets ARCs that were closed: their sections at the end of the horizon, their heads when copies are not expected any more.
 *
 * <p>They go in groups, in the order they were closed. In memory is the time of each group; which ARCs it has is in the store.
 */
final class Forgetting {
    /** ARCs of a group: what is removed in one go, and written again when one is added. */
    private static final int TOGETHER = 1_000;
    /** How long ARCs are added to one group, of sections and of heads: a day has few thousand groups. */
    private static final long SECTIONS = 10_000;
    private static final long HEADS = 60_000;
    /** Groups that are removed in one go. */
    private static final int AT_ONCE = 4;

    private final State state;
    private final Settings settings;
    private final Counters counters;
    private final Queue sections = new Queue('E');
    private final Queue heads = new Queue('T');
    private long known;

    Forgetting(State state, Settings settings, Counters counters) {
        this.state = state;
        this.settings = settings;
        this.counters = counters;
    }

    void close() {
        counters.closed.add(-known);
    }

    /** Of a store that is read: they come in the order of their times. */
    void restore(char kind, State.Due due) {
        (kind == 'E' ? sections : heads).restore(due);
        known(due.count());
    }

    private void known(long more) {
        known += more;
        counters.closed.add(more);
    }

    /** These were closed just now. */
    void add(List<Key> keys, long now) {
        // The time of a group is its end: what was closed behind it was closed again.
        sections.add(keys, now + SECTIONS, now);
        known(keys.size());
    }

    /** Removes what is due; an ARC that is open again, or was closed again since, stays. */
    void forget(long now, Set<Key> open) {
        for (int count = 0; count < AT_ONCE && sections.isDue(now, settings.horizon); count++) {
            State.Due due = sections.take();
            List<Key> left = new ArrayList<>();
            for (Key key : state.due('E', due)) {
                Head head = state.head(key);
                if (head != null && head.closed <= due.time() && !open.contains(key)) {
                    for (int number = 1; number <= head.sections; number++) {
                        state.removeSection(key, number);
                    }
                    left.add(key);
                }
            }
            state.removeDue('E', due);
            known(left.size() - due.count());
            heads.add(left, due.time() + HEADS, due.time());
        }
        for (int count = 0; count < AT_ONCE && (heads.isDue(now, settings.memory) || isCrowded()); count++) {
            boolean early = !heads.isDue(now, settings.memory);
            State.Due due = heads.take();
            if (early) {
                counters.forgotten.add(due.count());
            }
            state.due('T', due).forEach(state::removeHead);
            state.removeDue('T', due);
            known(-due.count());
        }
    }

    private boolean isCrowded() {
        return known > settings.closedOfPartition() && heads.isDue(Long.MAX_VALUE, 0);
    }

    /** Groups in the order of their times; the last one takes more. */
    private final class Queue {
        private final char kind;
        private final Deque<State.Due> groups = new ArrayDeque<>();
        private final List<Key> last = new ArrayList<>();
        private State.Due filling;
        private long lastTime;
        private int lastNumber;

        Queue(char kind) {
            this.kind = kind;
        }

        void restore(State.Due due) {
            groups.add(due);
            lastTime = due.time();
            lastNumber = due.number();
        }

        boolean isDue(long now, long after) {
            return !groups.isEmpty() && groups.peek().time() + after <= now;
        }

        State.Due take() {
            State.Due due = groups.poll();
            if (groups.isEmpty()) {
                filling = null;
            }
            return due;
        }

        /** Into the last group if it is not full and ends behind this moment; else into one that ends then. */
        void add(List<Key> keys, long end, long moment) {
            for (int from = 0; from < keys.size(); ) {
                if (filling == null || last.size() >= TOGETHER || moment > filling.time()) {
                    // In order, whatever the clock does: the queue is read from its start.
                    lastNumber = end > lastTime ? 0 : lastNumber + 1;
                    lastTime = Math.max(lastTime, end);
                    filling = new State.Due(lastTime, lastNumber, 0);
                    groups.add(filling);
                    last.clear();
                }
                int to = Math.min(keys.size(), from + TOGETHER - last.size());
                last.addAll(keys.subList(from, to));
                groups.removeLast();
                filling = new State.Due(filling.time(), filling.number(), last.size());
                groups.add(filling);
                state.due(kind, filling, last);
                from = to;
            }
        }
    }
}
