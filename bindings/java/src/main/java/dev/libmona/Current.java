package dev.libmona;

import java.lang.ref.Reference;

/**
 * The context of the calling thread without blocks, as the older client's functions have it: what is opened here stays
 * open until something else is opened, or it is closed or reset. For programs whose runs begin and end in different
 * places; everyone else is better off with {@link Mona#context(String)}.
 *
 * <p>Classes and timestamps are of any kind: what is falsy in JSON means none and now, and a timestamp that is none is
 * reported in the record.
 */
public final class Current {
    private Current() {}

    /** Opens a run of the default client; what was open before is forgotten. */
    public static Outcome open(Object arcClass, String contextId, Object timestamp) {
        return move((scratch, from, id, length, name) ->
                Calls.stackOpen(0, from, name, id, length, scratch.odd(timestamp), scratch.toAddress()),
                arcClass, contextId);
    }

    /** Opens a step of the run. */
    public static Outcome openSub(Object arcClass, String subContextId) {
        return move((scratch, from, id, length, name) ->
                Calls.stackOpenSub(from, name, id, length, scratch.toAddress()), arcClass, subContextId);
    }

    /** Closes a step, and everything inside it; null: the last one. */
    public static Outcome closeSub(String subContextId) {
        return move((scratch, from, id, length, name) ->
                Calls.stackCloseSub(from, id, length, scratch.toAddress()), null, subContextId);
    }

    /** Forgets the open context. Inside a block nothing can be opened or exported until its end. */
    public static Outcome reset() {
        return move((scratch, from, id, length, name) ->
                Calls.stackReset(from, scratch.toAddress()), null, null);
    }

    /**
     * Enters a run, until {@link #leave}; inside another one it joins.
     *
     * @return the scope to leave, whatever the outcome; 0 where there is no client
     */
    static long enter(Object arcClass, String contextId, Object timestamp) {
        long[] scope = new long[1];
        move((scratch, from, id, length, name) -> {
            int status = Calls.stackEnter(0, from, name, id, length, scratch.odd(timestamp),
                    scratch.scopeAddress(), scratch.toAddress());
            scope[0] = scratch.scope();
            return status;
        }, arcClass, contextId);
        return scope[0];
    }

    /** Enters a step of the run, until {@link #leave}; gives the scope to leave. */
    static long enterSub(Object arcClass, String subContextId) {
        long[] scope = new long[1];
        move((scratch, from, id, length, name) -> {
            int status = Calls.stackEnterSub(from, name, id, length, scratch.scopeAddress(), scratch.toAddress());
            scope[0] = scratch.scope();
            return status;
        }, arcClass, subContextId);
        return scope[0];
    }

    /** Closes what an enter opened, and everything that was opened inside it since. */
    static Outcome leave(long scope) {
        return move((scratch, from, id, length, name) ->
                Calls.stackLeave(from, scope, scratch.toAddress()), null, null);
    }

    /** Sends one event, a map of fields, with a timestamp of any kind. */
    public static Outcome export(Object message, Object timestamp) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            long at = scratch.odd(timestamp);
            if (message instanceof java.util.Map<?, ?> map) {
                scratch.event.clear();
                Values.write(scratch.event, map);
                return Exports.send(local.current(), scratch, scratch.event, at);
            }
            return Exports.json(local.current(), scratch, at, text(message));
        } finally {
            scratch.give(local);
        }
    }

    /** JSON of what is no map, which libmona refuses. */
    private static String text(Object message) {
        try {
            return Json.text(message);
        } catch (Json.Refused refused) {
            return "";
        }
    }

    /** Sends a batch, a JSON array, each event in a block of its own; inside a block they join it. */
    public static BatchOutcome batchJson(String json) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        Stack current = local.current();
        try {
            long from = current == null ? 0 : current.pointer();
            long text = scratch.text(json == null ? "null" : json);
            scratch.clearLength();
            BatchOutcome sent = Batches.answer(scratch, Calls.stackExportBatch(0, from, text, scratch.textLength(),
                    scratch.lengthAddress()));
            if (sent.accepted() > 0) {
                forgetUnentered(local, scratch, from);
            }
            return sent;
        } finally {
            scratch.forget();
            scratch.give(local);
            Reference.reachabilityFence(current);
        }
    }

    /** A batch replaces a context that was opened without a block, as opening one does. */
    private static void forgetUnentered(Local local, Scratch scratch, long from) {
        Calls.stackReset(from, scratch.toAddress());
        long to = scratch.to();
        if (to == 0) {
            local.current = null;
        } else {
            Calls.stackFree(to);
        }
    }

    @FunctionalInterface
    private interface Move {
        int call(Scratch scratch, long from, long id, long length, long arcClass);
    }

    private static Outcome move(Move move, Object arcClass, String id) {
        Client client = Mona.clientOrNull();
        if (client == null) {
            return Outcome.failure(Status.ARGUMENT, Out.lastError());
        }
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        Stack current = local.current();
        try {
            long from = current == null ? 0 : current.pointer();
            long name = arcClass == null ? 0 : scratch.event.single(arcClass);
            if (name != 0 && scratch.event.wrong() != null) {
                return scratch.event.wrong();
            }
            long text = scratch.text(id);
            int status = move.call(scratch, from, text, scratch.textLength(), name);
            local.current = current == null ? Stack.of(client, null, scratch.to())
                    : Stack.of(current.client, current.below(), scratch.to());
            return status == 0 ? Outcome.DONE : Outcome.failure(status);
        } finally {
            scratch.forget();
            scratch.give(local);
            Reference.reachabilityFence(current);
        }
    }
}
