package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Turns ARCs into rows. Until the end of the horizon late events make another version of the row; what comes behind it is
 * known as a copy, or is too late.
 */
final class Closing {
    private final ProcessorContext<byte[], Letter> context;
    private final State state;
    private final Settings settings;
    private final Counters counters;
    private final Row row;
    private final Out out = new Out(256);
    /** Closed since the last group was written. */
    private final List<Key> closed = new ArrayList<>();
    private final Forgetting forgetting;

    Closing(ProcessorContext<byte[], Letter> context, State state, Forgetting forgetting, Settings settings,
            Counters counters) {
        this.context = context;
        this.state = state;
        this.forgetting = forgetting;
        this.settings = settings;
        this.counters = counters;
        row = new Row(settings);
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
            head.firstClosed = now;
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
            byte[] line = Late.write(out, events, event, settings.maxRow);
            context.forward(new Record<>(key, new Letter(Letter.To.LATE, line), now));
        }
    }

    /** Writes down which ARCs were closed, so that they are forgotten in time. */
    void file(long now) {
        if (!closed.isEmpty()) {
            forgetting.add(closed, now);
            closed.clear();
        }
    }
}
