package dev.libmona;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Hands the context of a thread on to tasks that run elsewhere. A new thread, virtual or not, starts without a context;
 * what is wrapped here takes along the one that the thread was in when it was wrapped or submitted. A task stays in it
 * after its parent has closed it, and what it opens itself does not show in the parent.
 */
public final class Carry {
    private Carry() {}

    /** The task, which runs in the context that this thread is in now. */
    public static Runnable task(Runnable task) {
        Objects.requireNonNull(task);
        Stack stack = captured();
        return () -> run(stack, task);
    }

    /** The task, which is called in the context that this thread is in now. */
    public static <T> Callable<T> callable(Callable<T> task) {
        Objects.requireNonNull(task);
        Stack stack = captured();
        return () -> call(stack, task);
    }

    /** The supplier, which runs in the context that this thread is in now: for CompletableFuture. */
    public static <T> Supplier<T> supplier(Supplier<T> task) {
        Objects.requireNonNull(task);
        Stack stack = captured();
        return () -> in(stack, task);
    }

    /** The executor, whose tasks run in the context of the thread that gave them to it. */
    public static Executor executor(Executor executor) {
        Objects.requireNonNull(executor);
        return task -> executor.execute(task(task));
    }

    /** The executor, whose tasks run in the context of the thread that submitted them. */
    public static ExecutorService executor(ExecutorService executor) {
        return new CarryingExecutor(Objects.requireNonNull(executor));
    }

    /**
     * The factory, whose threads start in the context of the thread that made them:
     * {@code Carry.threads(Thread.ofVirtual().factory())}. Not for pools, whose threads outlive the task that they were
     * made for: there it is {@link #executor(ExecutorService)}.
     */
    public static ThreadFactory threads(ThreadFactory factory) {
        Objects.requireNonNull(factory);
        return task -> factory.newThread(task(task));
    }

    private static Stack captured() {
        Stack current = Local.here().current();
        return current == null ? null : current.handedOn();
    }

    private static void run(Stack stack, Runnable task) {
        in(stack, () -> {
            task.run();
            return null;
        });
    }

    static <T> T in(Stack stack, Supplier<T> task) {
        Local local = Local.here();
        Stack before = enter(local, stack);
        try {
            return task.get();
        } finally {
            leave(local, before);
        }
    }

    static <T> T call(Stack stack, Callable<T> task) throws Exception {
        Local local = Local.here();
        Stack before = enter(local, stack);
        try {
            return Scoped.call(stack, task);
        } finally {
            leave(local, before);
        }
    }

    private static Stack enter(Local local, Stack stack) {
        Stack before = local.current();
        local.current = stack;
        if (before != null) {
            before.share();
        }
        return before;
    }

    private static void leave(Local local, Stack before) {
        local.current = Stack.open(before);
    }
}
