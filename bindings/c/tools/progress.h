/*
 * How far something got, on standard error: a bar with rate and time left on a terminal, else a line now and then.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on_terminal;
    double last_shown;    /* seconds of progress_now() */
    double last_measured;
    uint64_t last_done;
    double rate;          /* events a second, of about the last five */
    int columns_used;     /* of the line that stands there; 0: none does */
};

/* Seconds of a clock that only goes forward. */
double progress_now(void);

/* Begins at `done` events. */
void progress_begin(struct progress *progress, uint64_t done);

/* Tells that `done` of `total` events got there. To be called some times a second. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total);

/* Takes the bar away, so that something else can be written; the next progress_show() brings it back. */
void progress_clear(struct progress *progress);

#endif
