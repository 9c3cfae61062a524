/* The three ways of timing a subject, in the process that has the subject. */
#ifndef MONA_BENCH_TIMING_H
#define MONA_BENCH_TIMING_H

#include "subject.h"

enum way { CLOSED, PACED, COLD };

/* What is measured, in nanoseconds of a call: the usual one net of the loop or of the clock, which is the floor,
 * and the others as they are. A closed loop has the first two, cold calls the first. */
enum measure { TYPICAL, FLOOR, P99, P999, MOST, MEASURES };

struct timed {
    double at[MEASURES];
};

/* Warms the subject up, times it, and closes its client; `calls` of 0: as many as the subject says. */
struct timed timed(enum way way, const struct subject *subject, long calls);

#endif
