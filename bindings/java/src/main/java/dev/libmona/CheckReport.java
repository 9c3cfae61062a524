package dev.libmona;

/**
 * What a try of the way to the collector gave.
 *
 * @param status {@link Status#OK}: every step went well; {@link Status#IO} or {@link Status#TIMEOUT}: one did not
 * @param json   the steps, in their order: {@code {"step", "ok", "milliseconds", "error"}}
 */
public record CheckReport(Status status, String json) {
    /** Whether every step went well. */
    public boolean ok() {
        return status == Status.OK;
    }
}
