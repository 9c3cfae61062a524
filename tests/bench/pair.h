/*
 * A figure with both sides of a comparison: of this library, and of the base where there is one. The sides take
 * turns in every round, the other one first in the next, so that both see the same machine.
 */
#ifndef MONA_BENCH_PAIR_H
#define MONA_BENCH_PAIR_H

#include "apart.h"

struct pair {
    struct rounds ours, base;
};

/* Takes a turn with each library; value `i` of its answer goes into `pairs[i]`. */
void pair_turn(const struct asked *asked, int round, const char *const *words, struct pair *pairs, int count);

/* The same for a subject that no libmona is behind. */
void pair_turn_of_peer(const struct asked *asked, const char *const *words, struct pair *pairs, int count);

/* Prints the figure `NAME`, and with a base `base.NAME` and the ratio of the two, `to_base.NAME`. */
void print_pair(const char *name, const char *unit, const struct pair *pair);

#endif
