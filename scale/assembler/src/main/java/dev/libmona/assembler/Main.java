package dev.libmona.assembler;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.ObjectName;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: {@code java … dev.libmona.assembler.Main [settings.properties]}. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger("mona-assembler");
    /** Threads that are replaced between two good minutes; what fails more often is not a moment's trouble. */
    private static final int FAILURES = 20;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Settings settings;
        try {
            settings = Settings.read(arguments.length == 0 ? null : Path.of(arguments[0]));
        } catch (IllegalArgumentException | java.io.IOException wrong) {
            System.err.println("mona-assembler: " + wrong.getMessage());
            System.exit(2);
            return;
        }
        System.exit(run(settings));
    }

    private static int run(Settings settings) throws Exception {
        LOG.info("settings: {}", settings.shown());
        Topics.ensure(settings);
        Counters counters = new Counters();
        ManagementFactory.getPlatformMBeanServer().registerMBean(counters, new ObjectName("mona:type=Assembler"));
        KafkaStreams streams = new KafkaStreams(Shape.of(settings, counters), Config.of(settings));
        Folders folders = new Folders(settings);
        AtomicInteger failures = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(failure -> {
            LOG.error("a thread failed", failure);
            // Its transaction is taken back, and another thread does the same again.
            return failures.incrementAndGet() > FAILURES
                    ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT : StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.setStateListener((now, before) -> {
            LOG.info("{}, was {}", now, before);
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                end.countDown();
            }
        });
        CountDownLatch closed = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            end.countDown();
            try {
                closed.await(settings.close.toMillis() + 5_000, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }, "mona-close");
        Runtime.getRuntime().addShutdownHook(hook);
        ScheduledExecutorService minutes = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "mona-minutes");
            thread.setDaemon(true);
            return thread;
        });
        minutes.scheduleAtFixedRate(() -> {
            say(counters.all());
            folders.touch(streams);
            failures.updateAndGet(count -> streams.state().isRunningOrRebalancing() ? count / 2 : count);
        }, 60, 60, TimeUnit.SECONDS);
        try (Health health = Health.start(settings, counters, streams::state)) {
            streams.start();
            end.await();
            boolean failed = streams.state() == KafkaStreams.State.ERROR;
            folders.touch(streams);
            // Open ARCs stay open: they are in the store, and in Kafka.
            boolean whole = streams.close(settings.close);
            say(counters.all());
            LOG.info(whole ? "closed" : "not closed in time: the open transaction is taken back");
            return failed ? 1 : 0;
        } finally {
            minutes.shutdownNow();
            closed.countDown();
        }
    }

    private static void say(Map<String, Long> counters) {
        StringBuilder line = new StringBuilder();
        counters.forEach((name, count) -> line.append(' ').append(name).append('=').append(count));
        LOG.info("counted{}", line);
    }
}
