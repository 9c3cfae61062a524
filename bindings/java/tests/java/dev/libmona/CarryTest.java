package dev.libmona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Contexts of tasks: none sees that of another one. */
class CarryTest {
    private static final int TASKS = 200;
    private static final int EVENTS = 5;

    /** A factory of virtual threads, where this Java has them. */
    private static ThreadFactory virtual() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
        } catch (ReflectiveOperationException before21) {
            assumeTrue(false, "no virtual threads before Java 21");
            throw new AssertionError(before21);
        }
    }

    private static ExecutorService perTask(ThreadFactory factory) {
        try {
            return (ExecutorService) Executors.class.getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
                    .invoke(null, factory);
        } catch (ReflectiveOperationException before21) {
            throw new AssertionError(before21);
        }
    }

    /** A task with a context of its own that waits between its exports. */
    private static Void task(Client client, int n) throws Exception {
        try (var run = client.context("ranker", "task-" + n)) {
            for (int event = 0; event < EVENTS; event++) {
                Mona.export(e -> e.i64("task", n)).orThrow();
                Thread.sleep(1);
                try (var step = Mona.sub("step", "s" + event)) {
                    Thread.sleep(1);
                    step.export(e -> e.i64("task", n)).orThrow();
                    Mona.export(e -> e.i64("task", n)).orThrow();
                }
            }
        }
        return null;
    }

    private static void isolated(ExecutorService executor) throws Exception {
        try (var mona = new Recorded()) {
            List<Callable<Void>> tasks = new ArrayList<>();
            IntStream.range(0, TASKS).forEach(n -> tasks.add(() -> task(mona.client, n)));
            for (Future<Void> one : executor.invokeAll(tasks)) {
                one.get();
            }
            executor.shutdown();
            int messages = 0;
            for (var record : mona.records()) {
                Object task = ((java.util.Map<?, ?>) record.get("message")).get("task");
                if (task != null) {
                    messages++;
                    assertEquals("task-" + task, record.get("context").toString().split("\\.")[0]);
                }
            }
            assertEquals(TASKS * EVENTS * 3, messages);
        }
    }

    @Test
    void platformThreads() throws Exception {
        isolated(Executors.newFixedThreadPool(8));
    }

    @Test
    void virtualThreads() throws Exception {
        isolated(perTask(virtual()));
    }

    @Test
    void anExecutorThatCarries() throws Exception {
        ExecutorService pool = Carry.executor(Executors.newFixedThreadPool(2));
        try (var mona = new Recorded()) {
            List<Future<?>> futures = new ArrayList<>();
            for (int n = 0; n < TASKS; n++) {
                int task = n;
                try (var run = mona.client.context(null, "t" + n)) {
                    futures.add(pool.submit(() -> Mona.export(e -> e.i64("task", task)).orThrow()));
                    pool.execute(() -> Mona.export(e -> e.i64("task", task)).orThrow());
                }
            }
            futures.add(pool.submit(() -> assertEquals("", Mona.id())));
            for (Future<?> one : futures) {
                one.get();
            }
            pool.shutdown();
            pool.awaitTermination(Recorded.LONG.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
            var records = mona.records();
            assertEquals(2 * TASKS, records.size());
            for (var record : records) {
                assertEquals(record.get("context"), "t" + ((java.util.Map<?, ?>) record.get("message")).get("task"));
            }
        }
    }

    @Test
    void suppliersCallablesAndThreads() throws Exception {
        try (var mona = new Recorded(); var run = mona.client.context(null, "r")) {
            assertEquals("r", CompletableFuture.supplyAsync(Carry.supplier(Mona::id)).get());
            assertEquals("", CompletableFuture.supplyAsync(Mona::id).get());
            String[] seen = new String[2];
            Thread made = Carry.threads(Thread::new).newThread(() -> seen[0] = Mona.id());
            made.start();
            made.join();
            Thread bare = new Thread(() -> seen[1] = Mona.id());
            bare.start();
            bare.join();
            assertEquals("r", seen[0]);
            assertEquals("", seen[1]);
            Callable<String> task = Carry.callable(() -> {
                try (var step = Mona.sub(null, "s")) {
                    return Mona.id();
                }
            });
            assertEquals("r.s", Executors.newSingleThreadExecutor().submit(task).get());
            assertEquals("r", Mona.id());
        }
    }

    @Test
    void virtualThreadsThatCarry() throws Exception {
        ThreadFactory factory = Carry.threads(virtual());
        try (var mona = new Recorded()) {
            ExecutorService executor = perTask(factory);
            Future<String> seen;
            try (var run = mona.client.context(null, "r")) {
                seen = executor.submit(Mona::id);
            }
            assertEquals("r", seen.get());
            executor.shutdown();
        }
    }

    @Test
    void waitingVirtualThreadsDoNotKeepTheOthers() throws Exception {
        ExecutorService executor = perTask(virtual());
        try (var client = Client.create(new Options().endpoint("tcp://127.0.0.1:1"))) {
            try (var run = client.context("a")) {
                run.export(e -> e.i64("n", 1)).orThrow();
            }
            List<Future<Boolean>> waiting = new ArrayList<>();
            for (int n = 0; n < 4 * Runtime.getRuntime().availableProcessors(); n++) {
                waiting.add(executor.submit(() -> client.flush(Recorded.LONG)));
            }
            assertEquals("", executor.submit(Mona::id).get(40, java.util.concurrent.TimeUnit.SECONDS));
            client.close(java.time.Duration.ZERO);
            for (Future<Boolean> one : waiting) {
                one.get();
            }
        }
        executor.shutdown();
    }

    @Test
    void aTaskOutlivesItsParent() throws Exception {
        try (var mona = new Recorded()) {
            Runnable task;
            try (var run = mona.client.context(null, "r")) {
                task = Carry.task(() -> {
                    Mona.sub("step").close();
                    Mona.export(e -> e.i64("late", 1)).orThrow();
                });
            }
            System.gc();
            Thread thread = new Thread(task);
            thread.start();
            thread.join();
            assertEquals("r", mona.records().get(1).get("context"));
            task.run();
            assertEquals("", Mona.id());
            assertEquals("r", mona.records().get(1).get("context"));
        }
    }

    @Test
    void runInAContext() throws Exception {
        try (var mona = new Recorded(); var run = mona.client.context(null, "r")) {
            Callable<String> elsewhere = () -> {
                run.run(() -> Mona.export(e -> e.i64("n", 1)).orThrow());
                return run.call(Mona::id) + "|" + Mona.id();
            };
            assertEquals("r|", Executors.newSingleThreadExecutor().submit(elsewhere).get());
            assertEquals(1, mona.records().size());
        }
    }
}
