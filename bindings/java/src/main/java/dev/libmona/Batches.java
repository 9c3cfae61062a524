package dev.libmona;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Batches, as the JSON array that libmona takes. An event that JSON cannot say is refused, and the rest goes out. */
final class Batches {
    private static final double NANOS_PER_SECOND = 1e9;
    // Stands for an event that JSON cannot say: libmona refuses it for want of a message, and counts it.
    private static final String UNSAYABLE = "{}";

    private Batches() {}

    static BatchOutcome send(Client client, List<BatchEvent> events) {
        if (events == null) {
            return send(client, (String) null);
        }
        List<String> texts = new ArrayList<>(events.size());
        Outcome refused = null;
        for (BatchEvent event : events) {
            try {
                texts.add(Json.text(object(event)));
            } catch (Json.Refused failure) {
                refused = refused != null ? refused
                        : Outcome.failure(failure.status(), "event " + texts.size() + ": " + failure.getMessage());
                texts.add(UNSAYABLE);
            }
        }
        BatchOutcome sent = send(client, "[" + String.join(",", texts) + "]");
        if (refused == null || sent.outcome().status() != Status.JSON) {
            return sent;
        }
        Log.refused(refused.detail());
        return new BatchOutcome(sent.accepted(), refused);
    }

    private static Map<String, Object> object(BatchEvent event) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (event == null) {
            return object;
        }
        object.put("message", event.message());
        if (event.arcClass() != null) {
            object.put("arc_class", event.arcClass());
        }
        if (event.contextId() != null) {
            object.put("context_id", event.contextId());
        }
        if (event.at() != null) {
            object.put("export_timestamp",
                    event.at().getEpochSecond() + event.at().getNano() / NANOS_PER_SECOND);
        }
        return object;
    }

    static BatchOutcome send(Client client, String json) {
        Local local = Local.here();
        Scratch scratch = Scratch.take(local);
        try {
            long text = scratch.text(json == null ? "null" : json);
            scratch.clearLength();
            return answer(scratch, Calls.clientExportBatch(client.pointer(), text, scratch.textLength(),
                    scratch.lengthAddress()));
        } finally {
            scratch.forget();
            scratch.give(local);
            Reference.reachabilityFence(client);
        }
    }

    static BatchOutcome answer(Scratch scratch, int status) {
        return new BatchOutcome(scratch.length(), status == 0 ? Outcome.DONE : Outcome.failure(status));
    }
}
