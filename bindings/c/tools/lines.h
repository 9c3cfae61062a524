/*
 * The lines of libmona's log, kept until they are shown.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
    int32_t level;
    char *text;
};

struct lines {
    struct line *all;
    size_t count;
};

/* Takes the lines that wait, of `least` and more. What memory is missing for is left out. */
void lines_take(struct lines *lines, int32_t least);

/* Adds one of our own. What memory is missing for is left out. */
void lines_add(struct lines *lines, int32_t level, const char *text);

/* Leaves out the lines that begin so. */
void lines_leave_out(struct lines *lines, const char *start);

/* Prints a section of those, if there are any. */
void lines_show(const struct lines *lines, const char *headline);

/* Prints them as an array of JSON. */
void lines_json(const struct lines *lines);

void lines_free(struct lines *lines);

#endif
