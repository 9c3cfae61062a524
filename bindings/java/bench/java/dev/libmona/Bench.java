package dev.libmona;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a call costs its caller, in processor time and bytes of the heap: seven fields in a context, endpoint null:, in
 * turns with an empty foreign call of the same kind. A line for each figure, tab-separated.
 */
public final class Bench {
    private static final int ROUNDS = Integer.getInteger("mona.bench.rounds", 31);
    private static final int CALLS = 50_000;
    private static final int WARMING_ROUNDS = 20;
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final String JSON = "{\"model\":\"resnet50-v3\",\"confidence\":0.9731,\"latency_ms\":12.5,"
            + "\"label\":\"cat\",\"batch\":32,\"country\":\"IL\",\"is_mobile\":true}";

    private Bench() {}

    private interface Subject {
        void call(int n);
    }

    public static void main(String[] arguments) {
        try (Client client = Client.create(new Options().endpoint("null:"));
                Client other = Client.create(new Options().endpoint("null:"));
                Context run = client.context("bench")) {
            Map<String, Subject> subjects = new LinkedHashMap<>();
            subjects.put("empty call", n -> Calls.empty(n, 1, 2, 3, 4));
            subjects.put("typed", n -> run.export(e -> e.str("model", "resnet50-v3").f64("confidence", 0.9731 + n)
                    .f64("latency_ms", 12.5).str("label", "cat").i64("batch", n).str("country", "IL")
                    .bool("is_mobile", true)));
            subjects.put("typed by the thread's context", n -> Mona.export(e -> e.str("model", "resnet50-v3")
                    .f64("confidence", 0.9731 + n).f64("latency_ms", 12.5).str("label", "cat").i64("batch", n)
                    .str("country", "IL").bool("is_mobile", true)));
            subjects.put("map", n -> run.export(Map.of("model", "resnet50-v3", "confidence", 0.9731 + n, "latency_ms",
                    12.5, "label", "cat", "batch", n, "country", "IL", "is_mobile", true)));
            subjects.put("JSON text", n -> run.exportJson(JSON));
            // Of another client: inside a context of its own it would join that.
            subjects.put("context opened and closed", n -> other.context("bench").close());
            subjects.put("sub-context opened and closed", n -> run.sub("step").close());
            measure(subjects);
            if (client.stats().refused() > 0) {
                throw new IllegalStateException("exports were refused");
            }
        }
    }

    private static void measure(Map<String, Subject> subjects) {
        Map<String, double[]> times = new LinkedHashMap<>();
        Map<String, double[]> bytes = new LinkedHashMap<>();
        subjects.keySet().forEach(name -> {
            times.put(name, new double[ROUNDS]);
            bytes.put(name, new double[ROUNDS]);
        });
        long self = Thread.currentThread().getId();
        for (int round = -WARMING_ROUNDS; round < ROUNDS; round++) {
            for (Map.Entry<String, Subject> one : subjects.entrySet()) {
                long allocated = THREADS.getThreadAllocatedBytes(self);
                long before = THREADS.getCurrentThreadCpuTime();
                loop(one.getValue());
                long after = THREADS.getCurrentThreadCpuTime();
                if (round >= 0) {
                    times.get(one.getKey())[round] = (double) (after - before) / CALLS;
                    bytes.get(one.getKey())[round] =
                            (double) (THREADS.getThreadAllocatedBytes(self) - allocated) / CALLS;
                }
            }
        }
        String road = Calls.road() + " on " + Runtime.version().feature();
        times.forEach((name, values) -> System.out.printf("java\t%s, %s\t%.0f\tns%njava\t%s, %s\t%.0f\tbytes%n",
                name, road, median(values), name, road, median(bytes.get(name))));
    }

    private static void loop(Subject subject) {
        for (int n = 0; n < CALLS; n++) {
            subject.call(n);
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
