/*
 * The fleet simulator: many clients of libmona in several processes, each client on a thread of its own, with arrival
 * patterns, reconnect storms and rolling restarts. What is shared:
 *
 *   main.c      the command line
 *   workers.c   the parent: starts, ends and restarts processes; never calls libmona, so that it may fork
 *   client.c    one client's thread: contexts, events, storms, what it can see of delivery
 *   arrivals.c  when the next event is due, and its values; the same for the same seed
 *   delays.c    percentiles: of what clients saw, or of a file that a consumer wrote
 *   report.c    the line of JSON at the end
 */
#ifndef FLEET_H
#define FLEET_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

enum pattern { STEADY, POISSON, BURST, DIURNAL };

struct options {
    int clients;
    int processes;
    enum pattern pattern;
    double rate;       /* events a second of one client */
    double seconds;    /* 0: until --events are sent */
    uint64_t events;   /* of one client; 0: until --seconds are over */
    uint64_t seed;
    int burst;         /* events of one burst */
    double day;        /* seconds of a compressed day */
    int per_arc;       /* events of one ARC; 0: all of a client in one context */
    int subs;          /* sub-contexts of one ARC */
    double storm_every; /* seconds; 0: none */
    double roll_every;  /* seconds; 0: none */
    int roll_kill;      /* kill -9 instead of a normal end */
    int poll_ms;        /* how often a client with events on their way looks for acknowledgements */
    int close_ms;       /* the longest a client waits for its last events */
    char *endpoints;    /* words; client i has the one of number i modulo their count. NULL: MONA_ENDPOINT */
};

/* What one client counted, its instances added up. */
struct counts {
    uint64_t instances, accepted, delivered, queue_full, too_big, rejected, spool, closed, spooled, killed, adopted,
        refused, connections, connect_failures, chunks_resent;
};

/*
 * Delays in microseconds, in buckets 1/64 wide of their value: an error of 1.6 % at most, and the maximum exact.
 * 40 powers of two reach twelve days.
 */
enum { HISTOGRAM_STEPS = 64, HISTOGRAM_BUCKETS = 40 * HISTOGRAM_STEPS };

struct histogram {
    atomic_uint_fast64_t count, most;
    atomic_uint_fast64_t buckets[HISTOGRAM_BUCKETS];
};

/* One client as the parent sees it, in memory that all processes share; it outlives the processes that are killed. */
struct slot {
    struct counts ended; /* instances that are gone */
    struct counts live;  /* the one that runs, as of its last look */
    int is_live;
    uint64_t sent;       /* events exported, for --events and for the order of the random numbers */
    uint64_t arcs;       /* contexts opened, for their ids */
    uint64_t measured;   /* events whose delay was seen */
    int64_t most_late;   /* the longest time between when an event was due and its export, ns */
    int64_t own_cpu;     /* CPU of the threads that ended: the simulator's work and the calls of the library, ns */
};

/* One process as the parent sees it. */
struct worker {
    pid_t pid;
    struct histogram delays;
};

struct fleet {
    struct options options;
    int64_t begin; /* on the monotonic clock, ns */
    struct slot *slots;
    struct worker *workers;
    /* Known to the parent alone. */
    uint64_t restarts;
    uint64_t kills;
    int is_ended_early;
};

int64_t monotonic_ns(void);

/* Ends the program with this sentence. */
_Noreturn void fail(const char *what);

/* arrivals.c */
struct arrivals {
    const struct options *options;
    uint64_t random;
    double due;    /* seconds since the beginning */
    int of_burst;  /* events still to come at this time */
};
void arrivals_begin(struct arrivals *arrivals, const struct options *options, int client, uint64_t life, double from);
/* Seconds since the beginning at which the next event is due. */
double arrivals_next(struct arrivals *arrivals);
/* From 0, inclusive, to 1, exclusive. */
double arrivals_uniform(struct arrivals *arrivals);

/* delays.c */
void histogram_add(struct histogram *histogram, int64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_print(FILE *out, const struct histogram *histogram);
int delays_of_file(const char *path);

/* client.c: a thread's function, whose argument is a struct client. */
struct client {
    struct fleet *fleet;
    struct worker *worker;
    struct slot *slot;
    int number;
};
void *client_run(void *argument);
/* Makes every client of this process close and end. */
void clients_stop(void);

/* workers.c */
void fleet_run(struct fleet *fleet);

/* report.c: prints, and gives the program's exit code: 1 where the counters do not add up. */
int report(const struct fleet *fleet, int64_t took_ns);

#endif
