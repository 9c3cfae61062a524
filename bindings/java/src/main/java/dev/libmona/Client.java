package dev.libmona;

import java.lang.ref.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where events go, with a queue and a sender thread of its own. Safe for any number of threads.
 *
 * <p>A client that is forgotten is closed and freed; one that is still open when the virtual machine ends normally is
 * flushed.
 */
public final class Client implements AutoCloseable {
    /** How long {@link #close()} waits. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final long MOST_MILLISECONDS = 0xFFFF_FFFFL;

    private final Clients.Open open;

    private Client(long pointer, boolean owned) {
        open = Clients.add(pointer, owned);
        if (owned) {
            Cleaning.CLEANER.register(this, open);
        }
        Log.start();
    }

    /** Makes a client from the environment. Nothing is connected yet: a collector that is down is no error. */
    public static Client create() {
        return create(new Options());
    }

    /**
     * Makes a client. What the options do not say comes from the environment, the configuration file, or is the
     * default.
     *
     * @throws MonaException an option is wrong, or they do not go together
     */
    public static Client create(Options options) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        long set = Calls.optionsNew();
        try {
            for (Map.Entry<String, String> one : options.values().entrySet()) {
                set(set, one.getKey(), one.getValue());
            }
            int status = Calls.clientNew(set, scratch.toAddress());
            if (status != 0) {
                throw MonaException.of(status);
            }
            return new Client(scratch.to(), true);
        } finally {
            Calls.optionsFree(set);
            scratch.give(local);
        }
    }

    private static void set(long options, String name, String value) {
        java.nio.ByteBuffer text = Text.buffer((name.length() + value.length() + 1) * Text.MOST_BYTES_PER_CHAR);
        int middle = Text.write(name, text, 0);
        int end = Text.write(value, text, middle);
        long address = Calls.address(text);
        int status = Calls.optionsSet(options, address, middle, address + middle, end - middle);
        Reference.reachabilityFence(text);
        if (status != 0) {
            throw MonaException.of(status);
        }
    }

    /** The process's default client. */
    static Client ofDefault(long pointer) {
        return new Client(pointer, false);
    }

    /** Its pointer, good as long as the caller holds on to this object. */
    long pointer() {
        return open.pointer();
    }

    /** Opens a context of a class, until its close; it is the thread's context meanwhile. */
    public Context context(String arcClass) {
        return Context.enter(this, arcClass, null, null);
    }

    /** The same, going on with a run that began elsewhere under this id. */
    public Context context(String arcClass, String contextId) {
        return Context.enter(this, arcClass, contextId, null);
    }

    /**
     * Opens a context, until its close. Inside another context of the same client it joins that one: nothing is opened.
     *
     * @param arcClass  the name shared by runs of the same algorithm; null or empty: none is sent
     * @param contextId an id, to go on with a run that began elsewhere; null or empty: a new one
     * @param at        the time of the class record; null: now
     */
    public Context context(String arcClass, String contextId, Instant at) {
        return Context.enter(this, arcClass, contextId, at);
    }

    /** Sends a batch: each event in a context of its own, whatever is open. */
    public BatchOutcome batch(List<BatchEvent> events) {
        return Batches.send(this, events);
    }

    /** Sends a batch that is a JSON array of {@code {"message", "arc_class", "context_id", "export_timestamp"}}. */
    public BatchOutcome batchJson(String json) {
        return Batches.send(this, json);
    }

    /** Sets fields that are sent once after each new context, as a record of their own; null or empty: none. */
    public Outcome setGlobals(Map<String, ?> globals) {
        try {
            return setGlobalsJson(globals == null ? null : Json.text(globals));
        } catch (Json.Refused refused) {
            return Outcome.failure(refused.status(), "globals: " + refused.getMessage());
        }
    }

    /** The same, as one JSON object. */
    public Outcome setGlobalsJson(String json) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            long text = scratch.text(json);
            int status = Calls.clientSetGlobals(pointer(), text, scratch.textLength());
            return status == 0 ? Outcome.DONE : Outcome.failure(status);
        } finally {
            scratch.forget();
            scratch.give(local);
            Reference.reachabilityFence(this);
        }
    }

    /** Switches the client off, or on again: contexts and exports do nothing while it is off. */
    public void disable(boolean disabled) {
        check(Calls.clientSetDisabled(pointer(), disabled ? 1 : 0));
    }

    /** Whether it is off, by whoever may say so: options, environment, configuration file, {@link #disable}. */
    public boolean isDisabled() {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            check(Calls.clientIsDisabled(pointer(), scratch.takenAddress()));
            return scratch.taken(0).taken();
        } finally {
            scratch.give(local);
        }
    }

    /**
     * Waits until everything accepted before is delivered or spooled.
     *
     * @return whether it is; false: the time is over and it goes on being sent, or the client is closed
     */
    public boolean flush(Duration timeout) {
        int limit = milliseconds(timeout);
        int status = Threads.waiting(() -> Calls.clientFlush(pointer(), limit));
        Reference.reachabilityFence(this);
        Log.drain();
        return status == 0;
    }

    /** Closes with a time-out of {@link #CLOSE_TIMEOUT}. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
    }

    /**
     * Flushes, then stops for good; again does nothing. Exports answer {@link Status#CLOSED} from then on.
     *
     * @return whether everything was delivered, or is in the spool; false: the rest was given up
     */
    public boolean close(Duration timeout) {
        int limit = milliseconds(timeout);
        int status = Threads.waiting(() -> Calls.clientClose(pointer(), limit));
        open.closed();
        Reference.reachabilityFence(this);
        Log.drain();
        return status == 0;
    }

    /** What the client counted since it was made, all of one moment. */
    public Stats stats() {
        java.nio.ByteBuffer counters = Text.buffer(Stats.SIZE);
        counters.putLong(0, Stats.SIZE);
        check(Calls.clientStats(pointer(), Calls.address(counters)));
        return Stats.read(counters);
    }

    /** Every option, its value and where it came from, as one JSON object; secrets are hidden. */
    public String describe() {
        Out.Answer answer = Out.read((buffer, room, length) ->
                Calls.clientDescribe(pointer(), buffer, room, length));
        Reference.reachabilityFence(this);
        return answer.orThrow();
    }

    /** Tries the way to the collector, without sending events. */
    public CheckReport check(Duration timeout) {
        int limit = milliseconds(timeout);
        Out.Answer answer = Threads.waiting(() -> Out.read((buffer, room, length) ->
                Calls.clientCheck(pointer(), limit, buffer, room, length)));
        Reference.reachabilityFence(this);
        Log.drain();
        return new CheckReport(Status.of(answer.status()), answer.text());
    }

    /** Takes the oldest delivered record of a client whose endpoint is {@code memory:}, as JSON. For tests. */
    public Optional<String> take() {
        Out.Answer answer = Out.read((buffer, room, length) -> Calls.clientTake(pointer(), buffer, room, length));
        Reference.reachabilityFence(this);
        return answer.status() == Status.NOT_FOUND.number() ? Optional.empty() : Optional.of(answer.orThrow());
    }

    /** Makes this the client of {@link Mona} and {@link Current}; false: there is one already. */
    public boolean makeDefault() {
        boolean made = Mona.adopt(this, () -> Calls.clientSetDefault(pointer()) == 0);
        if (made) {
            open.keep();
        }
        return made;
    }

    private void check(int status) {
        Reference.reachabilityFence(this);
        if (status != 0) {
            throw MonaException.of(status);
        }
    }

    static int milliseconds(Duration timeout) {
        long wanted;
        try {
            wanted = timeout.toMillis();
        } catch (ArithmeticException centuries) {
            wanted = timeout.isNegative() ? 0 : MOST_MILLISECONDS;
        }
        return (int) Math.min(Math.max(wanted, 0), MOST_MILLISECONDS);
    }
}
