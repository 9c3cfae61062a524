package dev.libmona;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What this package asks of threads that Java 17 does not know yet. */
final class Threads {
    private static final MethodHandle IS_VIRTUAL = isVirtual();

    private Threads() {}

    /** Whether a thread is virtual. */
    static boolean virtual(Thread thread) {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Makes a call that may wait in native code. A virtual thread has a platform thread do that: it would keep its
     * carrier from all others meanwhile.
     */
    static <T> T waiting(Supplier<T> call) {
        if (!virtual(Thread.currentThread())) {
            return call.get();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            try {
                answer.complete(call.get());
            } catch (Throwable error) {
                answer.completeExceptionally(error);
            }
        }, "mona-wait");
        waiter.setDaemon(true);
        waiter.start();
        return answer.join();
    }

    private static MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException before21) {
            return null;
        }
    }
}
