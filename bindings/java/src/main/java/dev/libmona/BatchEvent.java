package dev.libmona;

import java.time.Instant;
import java.util.Map;

/**
 * One event of a batch.
 *
 * @param message   its fields
 * @param arcClass  the class of its context; null: none
 * @param contextId the id of its context; null: a new one
 * @param at        its time, and that of the class record; null: now
 */
public record BatchEvent(Map<String, ?> message, String arcClass, String contextId, Instant at) {
    /** An event of a class, with a new id and the time of now. */
    public static BatchEvent of(String arcClass, Map<String, ?> message) {
        return new BatchEvent(message, arcClass, null, null);
    }
}
