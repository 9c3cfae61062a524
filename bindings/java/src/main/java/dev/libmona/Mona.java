package dev.libmona;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Mona by its default client, and the context of the calling thread.
 *
 * <pre>{@code
 * try (var run = Mona.context("ranker")) {
 *     run.export(e -> e.f64("score", 0.9).str("country", "IL"));
 * }
 * }</pre>
 *
 * <p>The default client is made from the environment ({@code MONA_ENDPOINT} and others) when it is first needed, unless
 * {@link #init} or {@link Client#makeDefault} came before. It is flushed when the virtual machine ends normally.
 */
public final class Mona {
    private static volatile Client client;

    private Mona() {}

    /**
     * Makes the default client with options of the program.
     *
     * @return the default client: this one, or the first one where there is one already
     * @throws MonaException an option is wrong
     */
    public static Client init(Options options) {
        Client made = Client.create(options);
        if (made.makeDefault()) {
            return made;
        }
        made.close(Duration.ZERO);
        return client();
    }

    /**
     * The default client.
     *
     * @throws MonaException it cannot be made: an option in the environment or the configuration file is wrong
     */
    public static Client client() {
        Client found = clientOrNull();
        if (found == null) {
            throw new MonaException(Status.ARGUMENT, Out.lastError());
        }
        return found;
    }

    /** The default client; null: it cannot be made, and the last error says why. */
    static Client clientOrNull() {
        Client known = client;
        if (known != null) {
            return known;
        }
        synchronized (Mona.class) {
            if (client == null) {
                long pointer = Calls.clientDefault();
                if (pointer != 0) {
                    client = Client.ofDefault(pointer);
                }
            }
            return client;
        }
    }

    /** Makes a client the default one in libmona and here at once: nobody sees the one without the other. */
    static synchronized boolean adopt(Client made, BooleanSupplier set) {
        boolean first = set.getAsBoolean();
        if (first) {
            client = made;
        }
        return first;
    }

    /** Opens a context of the default client; {@link Client#context(String)}. */
    public static Context context(String arcClass) {
        return context(arcClass, null, null);
    }

    /** The same, going on with a run that began elsewhere under this id. */
    public static Context context(String arcClass, String contextId) {
        return context(arcClass, contextId, null);
    }

    /** The same; {@link Client#context(String, String, Instant)}. */
    public static Context context(String arcClass, String contextId, Instant at) {
        Client found = clientOrNull();
        if (found == null) {
            return Context.inert(null, Outcome.failure(Status.ARGUMENT, Out.lastError()));
        }
        return found.context(arcClass, contextId, at);
    }

    /** Opens a step of the run that this thread is in; {@link Context#sub(String)}. */
    public static Context sub(String arcClass) {
        return sub(arcClass, null);
    }

    /** The same, with the id of the step inside its parent. */
    public static Context sub(String arcClass, String subContextId) {
        Stack current = Local.here().current();
        if (current != null) {
            return Context.sub(current.client, current, arcClass, subContextId);
        }
        Client found = clientOrNull();
        if (found == null) {
            return Context.inert(null, Outcome.failure(Status.ARGUMENT, Out.lastError()));
        }
        return Context.sub(found, null, arcClass, subContextId);
    }

    /** Sends one event from the context that this thread is in. */
    public static Outcome export(Fields fields) {
        return Exports.fields(Local.here().current(), null, fields);
    }

    /** The same, with a time of its own; null: now. */
    public static Outcome export(Instant at, Fields fields) {
        return Exports.fields(Local.here().current(), at, fields);
    }

    /** Sends one event whose fields are in a map. */
    public static Outcome export(Map<String, ?> fields) {
        return Exports.map(Local.here().current(), null, fields);
    }

    /** Sends one event that is one JSON object. */
    public static Outcome exportJson(String json) {
        return Exports.json(Local.here().current(), null, json);
    }

    /** The full id of the context that this thread is in; empty: none, or disabled. */
    public static String id() {
        return Exports.id(Local.here().current());
    }

    /** Flushes the default client, if there is one; {@link Client#flush}. */
    public static boolean flush(Duration timeout) {
        Client known = client;
        return known == null || known.flush(timeout);
    }

    /** Closes the default client, if there is one; {@link Client#close(Duration)}. */
    public static boolean close(Duration timeout) {
        Client known = client;
        return known == null || known.close(timeout);
    }

    /** The version of the library that is loaded. */
    public static String version() {
        return Calls.version();
    }
}
