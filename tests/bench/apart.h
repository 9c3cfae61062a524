/*
 * Timing a subject in a process of its own, a new one each time. In one process the peers' use of the heap
 * makes each other slower, and how a peer's threads happen to fall into step stays for as long as they live:
 * a new process for every turn gives each peer a clean heap and the median over the rounds its usual step.
 */
#ifndef MONA_BENCH_APART_H
#define MONA_BENCH_APART_H

#include "timing.h"

/* Makes the subject by `make(what)`, warms it up, and times it; 0 calls: as many as the subject says. */
struct timed timed_apart(struct subject (*make)(int what), int what, enum way way, long calls);

#endif
