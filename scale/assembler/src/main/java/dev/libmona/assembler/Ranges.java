package dev.libmona.assembler;

import java.util.ArrayList;
import java.util.List;

/**
 * Which sequence numbers of which client instances an ARC has: ranges from and to, by instance.
 *
 * <p>An ARC whose thread exported nothing else in between is one range, whatever its size and in whatever order its events
 * arrived. 25 bytes for an instance with one range, some 2 more for each further one.
 */
final class Ranges {
    /** Ranges that are kept; of an ARC with more gaps the rest cannot be told from new events. */
    static final int MOST = 1_000;

    private final List<long[]> list = new ArrayList<>(1);
    private boolean complete = true;

    /** One more, in the order of instances and numbers. */
    void append(long high, long low, long sequence) {
        long[] last = list.isEmpty() ? null : list.get(list.size() - 1);
        if (last != null && last[0] == high && last[1] == low && last[3] + 1 == sequence) {
            last[3] = sequence;
        } else if (list.size() < MOST) {
            list.add(new long[] {high, low, sequence, sequence});
        } else {
            complete = false;
        }
    }

    boolean contains(long high, long low, long sequence) {
        for (long[] range : list) {
            if (range[0] == high && range[1] == low && Long.compareUnsigned(range[2], sequence) <= 0
                    && Long.compareUnsigned(sequence, range[3]) <= 0) {
                return true;
            }
        }
        return false;
    }

    boolean complete() {
        return complete;
    }

    int size() {
        return list.size();
    }

    void write(Out out) {
        out.put(complete ? 1 : 0).varint(list.size());
        long[] before = {0, 0, 0, 0};
        for (long[] range : list) {
            boolean same = range[0] == before[0] && range[1] == before[1];
            out.put(same ? 1 : 0);
            if (!same) {
                out.fixed(range[0]).fixed(range[1]);
            }
            out.varint(range[2] - (same ? before[3] : 0)).varint(range[3] - range[2]);
            before = range;
        }
    }

    static Ranges read(In in) throws Malformed {
        Ranges ranges = new Ranges();
        ranges.complete = in.varint() == 1;
        int count = in.length();
        long[] before = {0, 0, 0, 0};
        for (int at = 0; at < count; at++) {
            boolean same = in.varint() == 1;
            long[] range = {before[0], before[1], before[3], 0};
            if (!same) {
                range = new long[] {in.fixed(), in.fixed(), 0, 0};
            }
            range[2] += in.varint();
            range[3] = range[2] + in.varint();
            ranges.list.add(range);
            before = range;
        }
        return ranges;
    }
}
