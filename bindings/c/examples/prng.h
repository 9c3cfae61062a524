/*
 * A small pseudo-random number generator (splitmix64) with a fixed start: the demo gives the same numbers on
 * every machine. Not for secrets.
 */
#ifndef PRNG_H
#define PRNG_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct prng {
    uint64_t state;
};

static inline uint64_t prng_next(struct prng *prng)
{
    uint64_t z = prng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in (0, 1): never 0, so that its logarithm is finite. */
static inline double prng_uniform(struct prng *prng)
{
    return ((double)(prng_next(prng) >> 11) + 0.5) / 9007199254740992.0;
}

/* Uniform in 0 .. below - 1. The bias of the remainder is far below anything a demo could show. */
static inline size_t prng_below(struct prng *prng, size_t below)
{
    return (size_t)(prng_next(prng) % below);
}

/* Normally distributed with mean 0 and standard deviation 1 (Box and Muller). */
static inline double prng_gaussian(struct prng *prng)
{
    double radius = sqrt(-2.0 * log(prng_uniform(prng)));
    return radius * cos(6.283185307179586 * prng_uniform(prng));
}

#endif
