/*
 * How far this process is with reading a spool, shown by another one: libmona answers when it is through. Nothing is
 * shown where the system does not tell what a process has read, as all but Linux.
 */
#ifndef READING_H
#define READING_H

#include <sys/types.h>

struct reading {
    pid_t shower; /* -1: none */
    int pipe;     /* which ends when it is closed */
};

/* Begins to show what is read of the spool in `dir`. */
void reading_begin(struct reading *reading, const char *dir);

/* Ends that, so that something else can be written. */
void reading_end(struct reading *reading);

#endif
