/*
 * One look of mona-doctor: a client as a program would have it, a check of its endpoints, and all of that shown.
 */
#ifndef LOOK_H
#define LOOK_H

#include "wanted.h"

/* Looks, prints what was found on standard output, and returns the exit status. */
int look_and_show(const struct wanted *wanted);

#endif
