package dev.libmona.assembler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Keeps the events of open ARCs and closes those that had none for a while.
 *
 * <p>All of it goes by our clock, not by times in events: these are as users give them, and a window that waits for later
 * events would stay open when none come. While a partition of the input delivers what is older than the gap, a backlog is
 * being read, and its other half may still be to come: until then ARCs stay open.
 */
final class Assembler implements Processor<Integer, byte[], byte[], Letter> {
    /** How often we look what is due. */
    private static final Duration TICK = Duration.ofMillis(200);
    /** How long ARCs are closed in one go: a hundred thousand may be due at once, and a transaction has to end in time. */
    private static final long AT_ONCE = 100_000_000;
    /** ARCs between two looks at the clock. */
    private static final int BETWEEN = 64;
    /** How long nobody closes ARCs when another one takes them over; what is overdue for longer was let lie. */
    private static final long CHANGE_OF_HANDS = 10_000;

    private final String store;
    private final Settings settings;
    private final Counters counters;
    /** Those that are open, the one without events for longest first. */
    private final LinkedHashMap<Key, Open> open = new LinkedHashMap<>(1024, 0.75f, true);
    /** By partition of the input: when its last record arrived, and how old that was. */
    private final Map<Integer, long[]> inputs = new HashMap<>();
    private ProcessorContext<byte[], Letter> context;
    private State state;
    private Closing closing;
    private Forgetting forgetting;
    /** What the clock said last. */
    private long seen = Long.MIN_VALUE;
    /** Until then ARCs stay open, as nobody was there to read what came for them. */
    private long until = Long.MIN_VALUE;
    private boolean held;

    Assembler(String store, Settings settings, Counters counters) {
        this.store = store;
        this.settings = settings;
        this.counters = counters;
    }

    @Override
    public void init(ProcessorContext<byte[], Letter> context) {
        this.context = context;
        state = new State(context.getStateStore(store));
        forgetting = new Forgetting(state, settings, counters);
        closing = new Closing(context, state, forgetting, settings, counters);
        state.read(new Restored());
        putInOrder(now());
        counters.open.add(open.size());
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
    }

    @Override
    public void close() {
        counters.open.add(-open.size());
        counters.held.add(held ? -1 : 0);
        forgetting.close();
    }

    @Override
    public void process(Record<Integer, byte[]> record) {
        long now = now();
        try {
            In in = new In(record.value());
            if (in.varint() != Splitter.VERSION) {
                throw new IllegalStateException("a batch of another version: stop all assemblers of the older one first");
            }
            inputs.put((int) in.varint(), new long[] {now, now - record.timestamp()});
            while (in.more()) {
                Key key = new Key(in.fixed(), in.fixed());
                int length = in.length();
                int from = in.take(length);
                take(key, in.bytes, from, length, now);
            }
        } catch (Malformed impossible) {
            throw new IllegalStateException("a batch of our own: " + impossible.getMessage());
        }
        closing.file(now);
    }

    private void take(Key key, byte[] bytes, int from, int length, long now) throws Malformed {
        Open arc = open.get(key);
        if (arc == null) {
            Head head = state.head(key);
            if (head != null && !closing.isWhole(key, head, now)) {
                closing.late(head, bytes, from, length);
                return;
            }
            arc = head == null ? Open.fresh(now) : Open.again(head, now);
            open.put(key, arc);
            counters.open.increment();
        }
        arc.last = now;
        int count = State.count(bytes, from, from + length);
        if (arc.received + count > settings.maxEvents || arc.bytes + length > settings.maxBytes) {
            arc.dropped += count;
            counters.dropped.add(count);
            state.dropped(key, arc.dropped);
        } else {
            arc.sections++;
            arc.bytes += length;
            arc.received += count;
            state.section(key, arc.sections, now, bytes, from, length);
        }
        if (now - arc.opened >= settings.maxDuration) {
            shut(key, arc, now, "duration");
        } else if (open.size() > settings.openOfPartition()) {
            Map.Entry<Key, Open> eldest = open.entrySet().iterator().next();
            counters.crowded.increment();
            shut(eldest.getKey(), eldest.getValue(), now, "crowded");
        }
    }

    private void shut(Key key, Open arc, long now, String reason) {
        open.remove(key);
        counters.open.decrement();
        closing.shut(key, arc, now, reason);
    }

    /** The time. A clock that was set back makes all ARCs wait as long again, not until it is where it was. */
    private long now() {
        long now = context.currentSystemTimeMs();
        if (now < seen) {
            for (Open arc : open.values()) {
                arc.last = Math.min(arc.last, now);
                arc.opened = Math.min(arc.opened, now);
            }
            inputs.values().forEach(input -> input[0] = Math.min(input[0], now));
            until = Math.min(until, now + settings.gap);
        }
        seen = now;
        return now;
    }

    /** What comes out of a store has the order of its keys; here the longest silent is the first. */
    private void putInOrder(long now) {
        List<Map.Entry<Key, Open>> arcs = new ArrayList<>();
        open.forEach((key, arc) -> {
            // The clock that it was written by may be ahead of ours.
            arc.last = Math.min(arc.last, now);
            arc.opened = Math.min(arc.opened, now);
            arcs.add(Map.entry(key, arc));
        });
        arcs.sort(Comparator.comparingLong(arc -> arc.getValue().last));
        open.clear();
        boolean overdue = !arcs.isEmpty() && now - arcs.get(0).getValue().last > settings.gap + CHANGE_OF_HANDS;
        until = overdue ? now + settings.gap : until;
        for (Map.Entry<Key, Open> arc : arcs) {
            if (overdue) {
                arc.getValue().opened = Math.max(arc.getValue().opened, Math.min(now, until - settings.maxDuration));
            }
            open.put(arc.getKey(), arc.getValue());
        }
    }

    private void tick() {
        long now = now();
        boolean waits = now < until || isBehind(now);
        counters.held.add((waits ? 1 : 0) - (held ? 1 : 0));
        held = waits;
        Iterator<Map.Entry<Key, Open>> eldest = open.entrySet().iterator();
        long started = System.nanoTime();
        for (int count = 1; eldest.hasNext(); count++) {
            if (count % BETWEEN == 0 && System.nanoTime() - started > AT_ONCE) {
                break;
            }
            Map.Entry<Key, Open> next = eldest.next();
            Open arc = next.getValue();
            boolean silent = now - arc.last >= settings.gap && !held;
            if (!silent && now - arc.opened < settings.maxDuration) {
                break;
            }
            eldest.remove();
            counters.open.decrement();
            closing.shut(next.getKey(), arc, now, silent ? null : "duration");
        }
        closing.file(now);
        forgetting.forget(now, open.keySet());
    }

    private boolean isBehind(long now) {
        for (long[] input : inputs.values()) {
            if (now - input[0] < settings.gap && input[1] > settings.gap) {
                return true;
            }
        }
        return false;
    }

    /** Makes what is in memory out of the store, after a start or a change of hands. */
    private final class Restored implements State.Reader {
        private Key key;
        private byte[] head;

        private void next(Key next) {
            if (!next.equals(key)) {
                key = next;
                head = null;
            }
        }

        @Override
        public void head(Key key, byte[] head) {
            next(key);
            this.head = head;
        }

        @Override
        public void section(Key key, int number, long arrived, int bytes, int events) {
            next(key);
            Head closed = head == null ? null : Head.read(head);
            if (closed != null && number <= closed.sections) {
                return;
            }
            Open arc = open.get(key);
            if (arc == null) {
                arc = closed == null ? Open.fresh(arrived) : Open.again(closed, arrived);
                open.put(key, arc);
            }
            arc.sections = number;
            arc.bytes += bytes;
            arc.received += events;
            arc.last = Math.max(arc.last, arrived);
        }

        @Override
        public void dropped(Key key, int count) {
            next(key);
            Open arc = open.get(key);
            if (arc == null) {
                // Of what came since it was closed nothing had room.
                long now = context.currentSystemTimeMs();
                arc = head == null ? Open.fresh(now) : Open.again(Head.read(head), now);
                open.put(key, arc);
            }
            arc.dropped = count;
        }

        @Override
        public void due(char kind, State.Due due) {
            forgetting.restore(kind, due);
        }
    }
}
