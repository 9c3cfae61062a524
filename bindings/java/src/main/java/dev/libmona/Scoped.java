package dev.libmona;

import java.util.concurrent.Callable;

/**
 * The context that a thread inherits by a ScopedValue, which this Java does not have yet: the one in
 * {@code META-INF/versions/25} takes its place there.
 */
final class Scoped {
    private Scoped() {}

    /** Calls a task whose subtasks inherit a stack. */
    static <T> T call(Stack stack, Callable<T> task) throws Exception {
        return task.call();
    }

    /** What this thread inherited when it was made. */
    static Stack inherited() {
        return null;
    }
}
