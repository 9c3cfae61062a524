package dev.libmona;

import java.lang.ref.Reference;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One run of an algorithm, or a step of one: everything exported in it belongs together.
 *
 * <p>It is the context of the thread that opened it until it is closed there, so that {@link Mona#export} finds it;
 * other threads may use it too, or have it handed on by {@link Carry}. Forgotten ones are freed, though the thread
 * that opened one stays in it.
 */
public final class Context implements AutoCloseable {
    private static final AtomicIntegerFieldUpdater<Context> CLOSED =
            AtomicIntegerFieldUpdater.newUpdater(Context.class, "closed");

    private final Client client;
    private final Stack stack;
    private final long scope;
    private final Outcome opened;
    private volatile int closed;

    private Context(Client client, Stack stack, long scope, Outcome opened) {
        this.client = client;
        this.stack = stack;
        this.scope = scope;
        this.opened = opened;
    }

    /** One that does nothing, and says why. */
    static Context inert(Client client, Outcome why) {
        return new Context(client, null, 0, why);
    }

    static Context enter(Client client, String arcClass, String id, Instant at) {
        Local local = Local.here();
        Stack before = local.current();
        Stack from = before != null && before.client == client ? before : null;
        return move(client, from, arcClass, id, at, true);
    }

    /** Opens a step of the run: a context inside this one, until its close. */
    public Context sub(String arcClass) {
        return sub(arcClass, null);
    }

    /** The same, with the id of the step inside its parent. */
    public Context sub(String arcClass, String subContextId) {
        Outcome unusable = unusable();
        return unusable != null ? inert(client, unusable) : sub(client, stack, arcClass, subContextId);
    }

    static Context sub(Client client, Stack from, String arcClass, String id) {
        return move(client, from, arcClass, id, null, false);
    }

    private static Context move(Client client, Stack from, String arcClass, String id, Instant at, boolean main) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            long name = arcClass == null ? 0 : scratch.event.single(arcClass);
            long idText = scratch.text(id);
            long source = from == null ? 0 : from.pointer();
            if (from != null && source == 0) {
                return inert(client, Exports.CLOSED_CONTEXT);
            }
            int status = main
                    ? Calls.stackEnter(client.pointer(), source, name, idText, scratch.textLength(),
                            scratch.timestamp(at), scratch.scopeAddress(), scratch.toAddress())
                    : Calls.stackEnterSub(source, name, idText, scratch.textLength(),
                            scratch.scopeAddress(), scratch.toAddress());
            Stack to = Stack.of(client, local.current(), scratch.to());
            Outcome opened = status != 0 ? Outcome.failure(status) : to == null ? Outcome.SKIPPED : Outcome.DONE;
            if (to != null) {
                local.current = to;
            }
            return new Context(client, to, scratch.scope(), opened);
        } finally {
            scratch.forget();
            scratch.give(local);
            Reference.reachabilityFence(from);
            Reference.reachabilityFence(client);
        }
    }

    /** Sends one event. */
    public Outcome export(Fields fields) {
        return export((Instant) null, fields);
    }

    /** Sends one event with a time of its own; null: now. */
    public Outcome export(Instant at, Fields fields) {
        Outcome unusable = unusable();
        return unusable != null ? unusable : Exports.fields(stack, at, fields);
    }

    /** Sends one event whose fields are in a map; the README has the table of values. */
    public Outcome export(Map<String, ?> fields) {
        Outcome unusable = unusable();
        return unusable != null ? unusable : Exports.map(stack, null, fields);
    }

    /** Sends one event that is one JSON object. */
    public Outcome exportJson(String json) {
        return exportJson(null, json);
    }

    /** The same, with a time of its own; null: now. */
    public Outcome exportJson(Instant at, String json) {
        Outcome unusable = unusable();
        return unusable != null ? unusable : Exports.json(stack, at, json);
    }

    /**
     * The full id: those of the run and of its steps, joined by dots. Empty while disabled, and where nothing was
     * opened.
     */
    public String id() {
        return unusable() != null ? "" : Exports.id(stack);
    }

    /** How opening it ended: done, skipped because the client is disabled, or a failure. */
    public Outcome opened() {
        return opened;
    }

    /** The client that it sends to; null where there is no default client. */
    public Client client() {
        return client;
    }

    /** Runs a task in this context, on whatever thread this is called. */
    public void run(Runnable task) {
        Carry.in(handedOn(), () -> {
            task.run();
            return null;
        });
    }

    /**
     * Calls a task in this context, on whatever thread this is called. On Java 25 and later the subtasks of a
     * StructuredTaskScope inside it inherit the context, by a ScopedValue.
     */
    public <T> T call(Callable<T> task) throws Exception {
        return Carry.call(handedOn(), task);
    }

    /**
     * Closes it, and every step inside it that is still open; again does nothing. The thread that opened it is then in
     * the context that was around it, wherever this is called. Tasks that were handed this context go on in it.
     */
    @Override
    public void close() {
        if (stack == null || !CLOSED.compareAndSet(this, 0, 1)) {
            return;
        }
        stack.left = true;
        Local local = Local.here();
        Stack current = local.current;
        if (current == stack) {
            local.current = Stack.open(stack.before);
            stack.release();
        } else if (current != null && current.client == client) {
            leave(local, current);
        }
    }

    /** Leaves in another order than it was entered. */
    private void leave(Local local, Stack current) {
        Scratch scratch = Scratch.take(local);
        try {
            Calls.stackLeave(current.pointer(), scope, scratch.toAddress());
            Stack below = current.below();
            Stack to = Stack.of(client, below, scratch.to());
            local.current = to != null ? to : below;
        } finally {
            scratch.give(local);
            Reference.reachabilityFence(current);
        }
    }

    private Stack handedOn() {
        return unusable() != null ? null : stack.handedOn();
    }

    /** Why nothing can be sent from here; null: it can. */
    private Outcome unusable() {
        if (stack == null) {
            return opened.ok() ? Outcome.SKIPPED : opened;
        }
        return closed == 0 ? null : Exports.CLOSED_CONTEXT;
    }
}
