package dev.libmona;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for one call at a time: the event, and the places for what libmona answers. A platform thread keeps its own;
 * virtual threads, of which there are many, take turns with those of a pool.
 */
final class Scratch {
    // Places in `out`, all of them aligned.
    private static final int TIMESTAMP = 0;
    private static final int TAKEN = 40;
    private static final int SCOPE = 48;
    private static final int TO = 56;
    private static final int LENGTH = 64;
    private static final int OUT_BYTES = 72;
    // Layout of mona_field.
    private static final int KIND = 16;
    private static final int VALUE = 24;
    private static final double NANOS_PER_SECOND = 1e9;
    // As many calls as ever run at once: virtual threads run on as many threads as there are cores.
    private static final int POOLED = 64;
    private static final ConcurrentLinkedQueue<Scratch> POOL = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger POOL_SIZE = new AtomicInteger();

    final Event event = new Event();
    private final ByteBuffer out = Text.buffer(OUT_BYTES);
    private final long address = Calls.address(out);
    private Event second;
    private ByteBuffer text;
    private long textAddress;
    private boolean busy;

    private Scratch() {}

    /** Memory that nobody else uses until {@link #give}: the thread's own, unless an outer call of it has that. */
    static Scratch take(Local local) {
        Scratch own = local.scratch;
        if (own != null && !own.busy) {
            own.busy = true;
            return own;
        }
        return other(local, own == null);
    }

    private static Scratch other(Local local, boolean first) {
        if (first && !local.virtual) {
            local.scratch = new Scratch();
            local.scratch.busy = true;
            return local.scratch;
        }
        Scratch pooled = POOL.poll();
        if (pooled == null) {
            return new Scratch();
        }
        POOL_SIZE.decrementAndGet();
        return pooled;
    }

    /** Gives it back. */
    void give(Local local) {
        if (this == local.scratch) {
            busy = false;
        } else if (POOL_SIZE.get() < POOLED) {
            POOL_SIZE.incrementAndGet();
            POOL.add(this);
        }
    }

    /** The outcome of an export that answered this. */
    Outcome taken(int status) {
        if (status != 0) {
            return Outcome.failure(status);
        }
        return out.getInt(TAKEN) != 0 ? Outcome.DONE : Outcome.SKIPPED;
    }

    long takenAddress() {
        return address + TAKEN;
    }

    long scopeAddress() {
        return address + SCOPE;
    }

    long scope() {
        return out.getLong(SCOPE);
    }

    long toAddress() {
        return address + TO;
    }

    long to() {
        return out.getLong(TO);
    }

    long lengthAddress() {
        return address + LENGTH;
    }

    long length() {
        return out.getLong(LENGTH);
    }

    void clearLength() {
        out.putLong(LENGTH, 0);
    }

    /** A moment as a field; 0 for null, which means now. */
    long timestamp(Instant at) {
        if (at == null) {
            return 0;
        }
        for (int place = 0; place < VALUE; place += Long.BYTES) {
            out.putLong(place, 0);
        }
        out.putInt(TIMESTAMP + KIND, Constants.FIELD_F64);
        out.putDouble(TIMESTAMP + VALUE, at.getEpochSecond() + at.getNano() / NANOS_PER_SECOND);
        return address + TIMESTAMP;
    }

    /**
     * Any value as a timestamp, for calls that take whatever a host gives; 0 for null. What JSON cannot say goes as its
     * text, which libmona reports in the record.
     */
    long odd(Object timestamp) {
        if (timestamp == null) {
            return 0;
        }
        if (second == null) {
            second = new Event();
        }
        long place = second.single(timestamp);
        return second.wrong() == null ? place : second.single(Event.bounded(String.valueOf(timestamp)));
    }

    /** A text in native memory, good until the next one; its length is then in {@link #textLength}. 0 for null. */
    long text(String given) {
        if (given == null) {
            textLength = 0;
            return 0;
        }
        long needed = (long) given.length() * Text.MOST_BYTES_PER_CHAR;
        if (needed <= KEPT_BYTES) {
            int end = Text.write(given, room(), 0);
            textLength = end;
            return textAddress;
        }
        if (needed > Integer.MAX_VALUE) {
            throw new MonaException(Status.LIMIT, "text of " + given.length() + " characters, at most "
                    + Integer.MAX_VALUE / Text.MOST_BYTES_PER_CHAR + " are taken");
        }
        large = Text.buffer((int) needed);
        textLength = Text.write(given, large, 0);
        return Calls.address(large);
    }

    /** Lets go of a text that was too large to keep its room. */
    void forget() {
        large = null;
    }

    // Texts of calls beyond this are rare, and their room is not kept.
    private static final int KEPT_BYTES = 16_384;
    private ByteBuffer large;
    private int textLength;

    /** Bytes of the last text. */
    int textLength() {
        return textLength;
    }

    /** Room for a text that goes in or comes out. */
    ByteBuffer room() {
        if (text == null) {
            text = Text.buffer(KEPT_BYTES);
            textAddress = Calls.address(text);
        }
        return text;
    }
}
