package dev.libmona;

import java.util.concurrent.Callable;

/**
 * The context that a thread inherits by a ScopedValue: a subtask of a StructuredTaskScope that is forked inside
 * {@link Context#call} starts in that context.
 */
final class Scoped {
    private static final ScopedValue<Stack> CURRENT = ScopedValue.newInstance();

    private Scoped() {}

    /** Calls a task whose subtasks inherit a stack. */
    static <T> T call(Stack stack, Callable<T> task) throws Exception {
        // Null hides what is bound around it.
        return ScopedValue.where(CURRENT, stack).call(task::call);
    }

    /** What this thread inherited when it was made. */
    static Stack inherited() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }
}
