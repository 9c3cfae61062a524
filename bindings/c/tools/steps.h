/*
 * The steps of a check as mona-doctor shows them: how each went, what it found, and what to do about the one that failed.
 */
#ifndef STEPS_H
#define STEPS_H

#include <stdbool.h>
#include <stddef.h>

/* How a check went. */
struct outcome {
    unsigned steps;
    unsigned failed;
    unsigned warnings; /* of certificates and clocks */
    double milliseconds;
    bool names_document; /* a hint does, so that somebody has to say where documents lie */
};

/* How it is shown. */
struct steps_view {
    const char *endpoint;    /* the title where the report names none, because there is only one */
    const char *http_format; /* the option */
    bool all;                /* every step also of endpoints at which nothing is wrong */
    bool counts_only;        /* nothing is printed */
    const char *line_start;  /* NULL, or what stands before each failure, which is a line of its own; nothing else is printed */
};

/*
 * Prints the report of mona_client_check(). Returns NULL or, when the report cannot be read, a static sentence that says
 * why.
 */
const char *steps_show(const char *json, size_t len, const struct steps_view *view, struct outcome *outcome);

#endif
