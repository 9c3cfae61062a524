import dev.libmona.Carry;
import dev.libmona.Client;
import dev.libmona.Mona;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Four workers, each with a run of its own; the items of a run are scored by tasks that are in its context. */
public final class Workers {
    private static final int WORKERS = 4;
    private static final List<Integer> ITEMS = List.of(3, 1, 4);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private Workers() {}

    public static void main(String[] arguments) throws Exception {
        Client mona = Mona.client();
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        ExecutorService scorers = Carry.executor(Executors.newFixedThreadPool(WORKERS));
        List<Future<?>> requests = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            String id = "request-" + worker;
            requests.add(workers.submit(() -> rank(mona, id, scorers)));
        }
        for (Future<?> one : requests) {
            one.get();
        }
        workers.shutdown();
        scorers.shutdown();
        if (!mona.close(CLOSE)) {
            // Why is in the log, which goes to System.Logger where there is no SLF4J.
            System.err.println("not everything was delivered");
            System.exit(1);
        }
    }

    private static Void rank(Client mona, String id, ExecutorService scorers) throws Exception {
        try (var run = mona.context("ranker", id)) {
            double best = 0;
            try (var step = run.sub("scoring", "scoring")) {
                List<Future<Double>> scores = new ArrayList<>();
                for (int item : ITEMS) {
                    scores.add(scorers.submit(() -> score(item)));
                }
                for (Future<Double> one : scores) {
                    best = Math.max(best, one.get());
                }
            }
            double found = best;
            run.export(e -> e.f64("best", found));
        }
        return null;
    }

    /** Runs on a thread of the scorers, in the context of the request that asked. */
    private static double score(int item) {
        double score = item / 100.0;
        Mona.export(e -> e.i64("item", item).f64("score", score));
        return score;
    }
}
