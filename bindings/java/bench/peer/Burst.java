import dev.libmona.Client;
import dev.libmona.Options;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.komamitsu.fluency.BufferFullException;
import org.komamitsu.fluency.Fluency;
import org.komamitsu.fluency.fluentd.FluencyBuilderForFluentd;

/**
 * A burst of events as fast as they go, after a warming of as many: {@code Burst mona|mona-sized|fluency HOST PORT N}.
 * Prints the caller's processor time, and wall time, of a call.
 */
public final class Burst {
    private static final Duration LONG = Duration.ofSeconds(120);
    // What 200 000 events of seven fields need, times over.
    private static final long BURST_BYTES = 128L << 20;
    private static final long BURST_EVENTS = 1_000_000;
    private static final int PAUSE_MS = 3_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Burst() {}

    private interface Sender extends AutoCloseable {
        boolean send(int n) throws Exception;

        void settle() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        int events = Integer.parseInt(arguments[3]);
        long failed = 0;
        long processor;
        long wall;
        try (Sender sender = "fluency".equals(arguments[0]) ? fluency(arguments) : mona(arguments)) {
            for (int n = 1; n <= events; n++) {
                sender.send(-n);
            }
            sender.settle();
            processor = THREADS.getCurrentThreadCpuTime();
            wall = System.nanoTime();
            for (int n = 0; n < events; n++) {
                failed += sender.send(n) ? 0 : 1;
            }
            processor = THREADS.getCurrentThreadCpuTime() - processor;
            wall = System.nanoTime() - wall;
        }
        System.out.println(processor / events + " " + wall / events + " " + failed);
    }

    private static Sender mona(String[] arguments) {
        Options options = new Options().endpoint("tcp://" + arguments[1] + ":" + arguments[2]);
        if ("mona-sized".equals(arguments[0])) {
            options.queueBytes(BURST_BYTES).queueSize(BURST_EVENTS);
        }
        Client client = Client.create(options);
        var run = client.context(null);
        return new Sender() {
            @Override
            public boolean send(int n) {
                return run.export(e -> e.str("model", "resnet50-v3").f64("confidence", 0.9731).f64("latency_ms", 12.5)
                        .str("label", "cat").i64("batch", n).str("country", "IL").bool("is_mobile", true)).ok();
            }

            @Override
            public void settle() {
                client.flush(LONG);
            }

            @Override
            public void close() {
                run.close();
                client.close(LONG);
            }
        };
    }

    private static Sender fluency(String[] arguments) {
        Fluency fluency = new FluencyBuilderForFluentd().build(arguments[1], Integer.parseInt(arguments[2]));
        return new Sender() {
            @Override
            public boolean send(int n) throws Exception {
                Map<String, Object> event = new HashMap<>();
                event.put("model", "resnet50-v3");
                event.put("confidence", 0.9731);
                event.put("latency_ms", 12.5);
                event.put("label", "cat");
                event.put("batch", n);
                event.put("country", "IL");
                event.put("is_mobile", true);
                try {
                    fluency.emit("mona.client.message", event);
                    return true;
                } catch (BufferFullException full) {
                    return false;
                }
            }

            @Override
            public void settle() throws Exception {
                fluency.flush();
                Thread.sleep(PAUSE_MS);
            }

            @Override
            public void close() throws Exception {
                fluency.close();
                fluency.waitUntilAllBufferFlushed((int) LONG.toSeconds());
            }
        };
    }
}
