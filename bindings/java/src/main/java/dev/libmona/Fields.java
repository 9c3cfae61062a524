package dev.libmona;

/** Writes the fields of one event: {@code e -> e.f64("score", 0.9).str("label", "cat")}. */
@FunctionalInterface
public interface Fields {
    /**
     * Writes them.
     *
     * @param event the event, good until this returns
     */
    void write(Event event);
}
