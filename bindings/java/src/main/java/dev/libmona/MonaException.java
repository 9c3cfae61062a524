package dev.libmona;

/** A call that failed: an option that is wrong, a client that cannot be made, an outcome that was asked to throw. */
public final class MonaException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What kind of failure it is. */
    private final Status status;

    MonaException(Status status, String detail) {
        super(detail.isEmpty() ? status.text() : detail);
        this.status = status;
    }

    /** The failure of the last call of this thread. */
    static MonaException of(int number) {
        return new MonaException(Status.of(number), Out.lastError());
    }

    /** What kind of failure it is. */
    public Status status() {
        return status;
    }
}
