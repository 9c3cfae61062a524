/* When events are due. Nothing here looks at a clock: the same seed, client and life give the same times. */
#include "fleet.h"

#include <math.h>

/* SplitMix64: every seed is a good one, and a step is three multiplications and shifts. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t mixed = (*state += UINT64_C(0x9e3779b97f4a7c15));
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

double arrivals_uniform(struct arrivals *arrivals)
{
    /* 53 bits are what a double holds. */
    return (double)(next_random(&arrivals->random) >> 11) * 0x1p-53;
}

static double exponential(struct arrivals *arrivals, double rate)
{
    return -log1p(-arrivals_uniform(arrivals)) / rate;
}

void arrivals_begin(struct arrivals *arrivals, const struct options *options, int client, uint64_t life, double from)
{
    uint64_t state = options->seed;
    arrivals->options = options;
    arrivals->random = next_random(&state) ^ (uint64_t)client;
    arrivals->random = next_random(&arrivals->random) ^ life;
    arrivals->due = from;
    arrivals->of_burst = 0;
    if (options->pattern == STEADY || options->pattern == BURST) {
        /* Clients that beat in step would be a storm of their own. */
        double period = (options->pattern == BURST ? options->burst : 1) / options->rate;
        arrivals->due += (arrivals_uniform(arrivals) - 1) * period;
    }
}

/* Between a tenth of the rate in the dead of night and 1.9 times as much at noon; the mean over a day is the rate. */
static double rate_at(const struct options *options, double time)
{
    return options->rate * (1 - 0.9 * cos(6.283185307179586 * time / options->day));
}

double arrivals_next(struct arrivals *arrivals)
{
    const struct options *options = arrivals->options;
    switch (options->pattern) {
    case STEADY:
        arrivals->due += 1 / options->rate;
        break;
    case POISSON:
        arrivals->due += exponential(arrivals, options->rate);
        break;
    case BURST:
        if (arrivals->of_burst == 0) {
            arrivals->of_burst = options->burst;
            arrivals->due += options->burst / options->rate;
        }
        arrivals->of_burst--;
        break;
    case DIURNAL: {
        /* Lewis and Shedler's thinning: at the highest rate, each kept with the share of the rate at its time. */
        double most = 1.9 * options->rate;
        do {
            arrivals->due += exponential(arrivals, most);
        } while (arrivals_uniform(arrivals) * most > rate_at(options, arrivals->due));
        break;
    }
    }
    return arrivals->due;
}
