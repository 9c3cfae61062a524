package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Contexts that are closed while other threads use them: an outcome each, and never freed memory. */
class RaceTest {
    private static final int ROUNDS = 3_000;

    @Test
    void exportsWhileItIsClosed() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (var mona = new Recorded(new Options().queueBytes(256 << 20))) {
            CyclicBarrier barrier = new CyclicBarrier(2);
            long sent = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Context run = mona.client.context(null);
                Future<Boolean> exported = other.submit(() -> {
                    barrier.await(Recorded.LONG.toSeconds(), TimeUnit.SECONDS);
                    Outcome outcome = run.export(e -> e.i64("n", 1));
                    try (var sub = run.sub(null)) {
                        sub.export(e -> e.i64("n", 2));
                        run.id();
                    }
                    assertTrue(outcome.ok() || outcome.status() == Status.NO_CONTEXT, outcome.toString());
                    return outcome.ok();
                });
                barrier.await(Recorded.LONG.toSeconds(), TimeUnit.SECONDS);
                run.close();
                sent += exported.get() ? 1 : 0;
                assertEquals("", Mona.id());
            }
            assertTrue(mona.client.stats().accepted() >= sent);
        } finally {
            other.shutdown();
        }
    }

    @Test
    void closedByTwoAtOnce() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (var mona = new Recorded()) {
            CyclicBarrier barrier = new CyclicBarrier(2);
            for (int round = 0; round < ROUNDS; round++) {
                Context run = mona.client.context(null);
                Future<?> closed = other.submit(() -> {
                    barrier.await(Recorded.LONG.toSeconds(), TimeUnit.SECONDS);
                    run.close();
                    return null;
                });
                barrier.await(Recorded.LONG.toSeconds(), TimeUnit.SECONDS);
                run.close();
                closed.get();
                assertEquals("", Mona.id());
            }
        } finally {
            other.shutdown();
        }
    }
}
