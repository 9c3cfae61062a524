import dev.libmona.BatchEvent;
import dev.libmona.BatchOutcome;
import dev.libmona.Mona;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** 100 events in one call, each in a context of its own. */
public final class Batch {
    private static final int EVENTS = 100;
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private Batch() {}

    public static void main(String[] arguments) {
        List<BatchEvent> events = new ArrayList<>();
        for (int position = 0; position < EVENTS; position++) {
            events.add(BatchEvent.of("ranker", Map.of("position", position)));
        }
        BatchOutcome sent = Mona.client().batch(events);
        System.err.println(sent.accepted() + " of " + events.size() + " accepted");
        sent.outcome().orThrow();
        if (!Mona.close(CLOSE)) {
            System.exit(1);
        }
    }
}
