/*
 * The command line of mona-doctor.
 */
#ifndef WANTED_H
#define WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wanted {
    enum {
        WANTED_CHECK,
        WANTED_HELP,
        WANTED_VERSION
    } what;
    const char **pairs; /* the NAME=VALUE of each -o; libmona reads them later, in the process that looks */
    size_t pair_count;
    uint32_t timeout_ms;
    bool json;
    bool all;
    bool watches;
    uint32_t pause_ms;
};

/* Reads the command line. What is wrong with it is said on standard error. `pairs` is for free(). */
bool wanted_read(int argc, char **argv, struct wanted *wanted);

/* What --help prints. */
extern const char wanted_usage[];

#endif
