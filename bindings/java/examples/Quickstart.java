import dev.libmona.Client;
import dev.libmona.Mona;
import java.time.Duration;

/** A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to. */
public final class Quickstart {
    /** The longest wait until the collector has everything. */
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private Quickstart() {}

    public static void main(String[] arguments) {
        Client mona = Mona.client();
        try (var run = mona.context("image-classifier")) {
            run.export(e -> e.str("country", "IL").nil("age").bool("is_mobile", true));
            try (var step = run.sub("resize")) {
                step.export(e -> e.i64("width", 640).f64("milliseconds", 1.5));
            }
            run.export(e -> e.str("label", "cat").f64("confidence", 0.97).json("boxes", "[[1, 2]]"));
        }
        if (!mona.close(CLOSE)) {
            // Why is in the log, which goes to System.Logger where there is no SLF4J.
            System.err.println("not everything was delivered");
            System.exit(1);
        }
    }
}
