package dev.libmona;

/**
 * How a batch ended.
 *
 * @param accepted how many of its events were accepted
 * @param outcome  {@link Status#JSON}: events without a message were left out, or it was no array; other failures too
 */
public record BatchOutcome(long accepted, Outcome outcome) {}
