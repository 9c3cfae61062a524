package dev.libmona;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A mona_stack: the context of a task as a value, which never changes.
 *
 * <p>It is freed when nobody can reach it any more. Most never leave the thread that made them and are freed as soon as
 * their context is closed there: the first use on another thread, or handing it on, rules that out for good.
 */
final class Stack {
    private static final int PRIVATE = 0;
    private static final int SHARED = 1;
    private static final int FREED = 2;
    private static final AtomicIntegerFieldUpdater<Stack> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Stack.class, "state");

    /** The client whose context it is; null: the default client of whoever moves it. */
    final Client client;
    /** What the thread was in before. */
    final Stack before;
    /** Its context was closed: nobody goes back to it. */
    volatile boolean left;
    // The one that this stands for, which has the pointer and frees it; null: itself.
    private final Stack origin;
    private final long pointer;
    private final Thread owner = Thread.currentThread();
    private final Cleaner.Cleanable cleanable;
    private volatile int state;

    private Stack(Client client, Stack before, long pointer) {
        this.client = client;
        this.before = before;
        this.origin = null;
        this.pointer = pointer;
        this.cleanable = Cleaning.CLEANER.register(this, new Free(pointer));
    }

    private Stack(Stack origin) {
        this.client = origin.client;
        this.before = null;
        this.origin = origin;
        this.pointer = origin.pointer;
        this.cleanable = null;
        this.state = SHARED;
    }

    /** The stack of a pointer that a move gave, which is from now on freed by this object; null for the empty one. */
    static Stack of(Client client, Stack before, long pointer) {
        return pointer == 0 ? null : new Stack(client, before, pointer);
    }

    /** Its pointer, good as long as the caller holds on to this object; 0: it was freed. */
    long pointer() {
        if (Thread.currentThread() != owner) {
            share();
        }
        return state == FREED ? 0 : pointer;
    }

    /** The same for a task, which goes on in it after its context was closed; null: it was freed. */
    Stack handedOn() {
        Stack held = origin == null ? this : origin;
        held.share();
        return held.state == FREED ? null : new Stack(held);
    }

    /** Keeps it until nobody can reach it any more. */
    void share() {
        if (state == PRIVATE) {
            STATE.compareAndSet(this, PRIVATE, SHARED);
        }
    }

    /** Frees it now if it never left this thread. */
    void release() {
        if (Thread.currentThread() == owner && STATE.compareAndSet(this, PRIVATE, FREED)) {
            cleanable.clean();
        }
    }

    /** The nearest one below, from this one on, whose context is not closed yet. */
    static Stack open(Stack from) {
        Stack one = from;
        while (one != null && one.left) {
            one = one.before;
        }
        return one;
    }

    /** The nearest one below that is open and of another client. */
    Stack below() {
        Stack one = before;
        while (one != null && (one.left || one.client == client)) {
            one = one.before;
        }
        return one;
    }

    private record Free(long pointer) implements Runnable {
        @Override
        public void run() {
            Calls.stackFree(pointer);
        }
    }
}
