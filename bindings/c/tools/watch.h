/*
 * Looks again and again, each time in a process of its own: what a look finds is what a program would find that starts
 * then.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Looks once, prints what it finds on standard output and returns an exit status. */
typedef int watch_look(const void *whose);

struct watch {
    watch_look *look;
    const void *whose;
    uint32_t pause_ms;
    bool in_place; /* each look takes the place of the one before, on a terminal */
    int without;   /* the status where no look was finished */
};

/*
 * Looks until the process gets SIGINT or SIGTERM, or nobody reads any more. Returns the status of the last look. Nothing
 * of libmona may have been called before.
 */
int watch_run(const struct watch *watch);

#endif
