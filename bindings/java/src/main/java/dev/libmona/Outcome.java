package dev.libmona;

import java.util.Objects;

/**
 * How a call ended. Exports and moves answer one and do not throw: what is wrong with an event must not stop the
 * program that is monitored. libmona logs and counts every refusal; whoever wants more looks at the outcome, or turns
 * it into an exception by {@link #orThrow}.
 */
public final class Outcome {
    /** Done; an event was accepted. */
    public static final Outcome DONE = new Outcome(Status.OK, true, "");
    /** Skipped on purpose: disabled, filtered or sampled out. */
    public static final Outcome SKIPPED = new Outcome(Status.OK, false, "");

    private final Status status;
    private final boolean taken;
    private final String detail;

    private Outcome(Status status, boolean taken, String detail) {
        this.status = status;
        this.taken = taken;
        this.detail = detail;
    }

    /** A failure, and what was given, found and expected. */
    static Outcome failure(Status status, String detail) {
        return new Outcome(status, false, detail);
    }

    /** The failure of the last call of this thread. */
    static Outcome failure(int number) {
        return failure(Status.of(number), Out.lastError());
    }

    /** Whether it went well: accepted, or skipped on purpose. */
    public boolean ok() {
        return status == Status.OK;
    }

    /** Whether something was accepted; false where it was skipped on purpose, and for a failure. */
    public boolean taken() {
        return taken;
    }

    /** What kind of end it was. */
    public Status status() {
        return status;
    }

    /** For a failure one sentence: what was given, what was found, what is expected. Else empty. */
    public String detail() {
        return detail;
    }

    /**
     * Throws where it failed.
     *
     * @return this outcome
     * @throws MonaException it failed
     */
    public Outcome orThrow() {
        if (!ok()) {
            throw new MonaException(status, detail);
        }
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Outcome that && status == that.status && taken == that.taken
                && detail.equals(that.detail);
    }

    @Override
    public int hashCode() {
        return Objects.hash(status, taken, detail);
    }

    @Override
    public String toString() {
        return ok() ? (taken ? "done" : "skipped") : status + ": " + detail;
    }
}
