package dev.libmona;

/** What belongs to one thread, platform or virtual: the stack it is in, and memory for its calls. */
final class Local {
    private static final ThreadLocal<Local> HERE = ThreadLocal.withInitial(Local::new);

    /** Whether the thread is a virtual one. */
    final boolean virtual = Threads.virtual(Thread.currentThread());
    /** What this thread opened last, or was handed on; null: nothing. A thread begins with what it inherited. */
    Stack current = Scoped.inherited();
    /** The thread's own memory, null until it is needed, and always for a virtual thread. */
    Scratch scratch;

    private Local() {}

    /** The open context; one that was closed on another thread is left here, too. */
    Stack current() {
        Stack found = current;
        if (found != null && found.left) {
            found = Stack.open(found);
            current = found;
        }
        return found;
    }

    /** That of the calling thread. */
    static Local here() {
        return HERE.get();
    }
}
