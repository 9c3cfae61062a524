/*
 * What the benchmark programs share: clocks, rounds, and the lines they print. Each program measures one
 * topic through mona.h and prints one line for each figure to standard output, as tests/bench/README.md
 * describes; what cannot be measured is a line that says why. Included first, because it chooses which
 * system interfaces there are.
 */
#ifndef MONA_BENCH_H
#define MONA_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mona.h>

/* A benchmark that cannot do what it measures has no figures. */
#define EXPECT(condition)                                                                   \
    do {                                                                                    \
        if (!(condition)) {                                                                 \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                                        \
        }                                                                                   \
    } while (0)

/* The most rounds a figure can have. */
enum { MOST_ROUNDS = 64 };

/* The results of one figure, one for each round. */
struct rounds {
    int count;
    double value[MOST_ROUNDS];
};

/* What the command line asked for. */
struct asked {
    int quick;              /* fewer and shorter rounds */
    const char *peers;      /* the shared object with the plain designs, or NULL */
    const char *spdlog;     /* the shared object with spdlog behind it, or NULL */
    const char *base;       /* an older libmona to compare with, or NULL */
    const char *collector;  /* the program mona-collector, or NULL */
    /* The words of a turn that this process takes, NULL after the last; NULL: it starts others for its turns. */
    const char *const *turn;
    /* The command line without the turn, to start those others with. */
    int argc;
    char **argv;
};

struct asked ask(int argc, char **argv);

/* Where a word of a turn stands in a list; any other word ends the program. */
int place_of(const char *word, const char *const *list, int count);

void rounds_add(struct rounds *rounds, double value);
double rounds_median(const struct rounds *rounds);

/* Prints the median of the rounds as the figure `name`, with quartiles. */
void print_rounds(const char *name, const char *unit, const struct rounds *rounds);

/* Prints the median of a / b, taken round by round. */
void print_ratio(const char *name, const struct rounds *a, const struct rounds *b);

/* Prints a figure that was taken once. */
void print_once(const char *name, const char *unit, double value);

/* Says that a figure could not be taken. */
void print_missing(const char *name, const char *why);

/* The value at a share of a sorted list, 0.999 for p99.9. */
double share_of(const double *sorted, size_t count, double share);
void sort_doubles(double *values, size_t count);

/* Nanoseconds of a clock that never steps. */
double now_ns(void);
void sleep_ms(long ms);

/* Memory of this process in MB (1 000 000 bytes): now, and the most there was. */
enum memory { RESIDENT, MOST_RESIDENT };
double memory_mb(enum memory which);

/* The finest clock there is: ticks now, and how many nanoseconds a tick has. */
uint64_t ticks(void);
double ns_per_tick(void);

/* A client with options given as "name", "value", ..., NULL; ends the program when there is none. */
mona_client *client_with(const char *first, ...);
mona_context *context_of(mona_client *client);
mona_stats stats_of(const mona_client *client);

#endif
