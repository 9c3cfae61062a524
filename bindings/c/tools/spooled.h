/*
 * What mona-doctor says of a spool: where it is, what lies there, and how much more its disk takes.
 */
#ifndef SPOOLED_H
#define SPOOLED_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect.h"

enum {
    SPOOLED_TEXT_CAP = 1024 /* a path, or a sentence of libmona */
};

struct spooled {
    bool is_wanted; /* there is a spool_dir */
    char dir[SPOOLED_TEXT_CAP];
    bool is_there;
    char error[SPOOLED_TEXT_CAP]; /* why it cannot be looked at, or programs cannot spool there */
    struct held ended;
    struct held owned;
    bool has_disk;
    uint64_t free_bytes; /* for this user, on its disk or on that of the folder it will be made in */
    uint64_t most_bytes; /* spool_bytes */
};

/* Looks at the spool that a description of mona_client_describe() names. */
void spooled_look(const char *description, struct spooled *spooled);

/* Prints a section, if there is to be a spool. */
void spooled_show(const struct spooled *spooled);

/* Prints it as a value of JSON. */
void spooled_json(const struct spooled *spooled);

/* Whether programs cannot spool there, or not as much as they are allowed to. */
bool spooled_warns(const struct spooled *spooled);

#endif
