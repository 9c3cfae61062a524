/* The three ways of timing a subject, each run in the process that has the subject. */
#ifndef MONA_BENCH_TIMING_H
#define MONA_BENCH_TIMING_H

#include "subject.h"

enum way { CLOSED, PACED, COLD };

/* Nanoseconds of a call. `typical` is net of the loop or of the clock, the others are as measured. */
struct timed {
    double typical, floor, p99, p999, most;
};

struct timed timed(enum way way, const struct subject *subject, long calls);

#endif
