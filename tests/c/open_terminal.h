/* A terminal for tests. */
#ifndef MONA_TESTS_OPEN_TERMINAL_H
#define MONA_TESTS_OPEN_TERMINAL_H

#include "common.h"

#include <fcntl.h>

/* A new one, and its other side, where what is written to it can be read. */
static int open_terminal(int *other_side)
{
    int terminal;
    *other_side = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(*other_side >= 0 && grantpt(*other_side) == 0 && unlockpt(*other_side) == 0);
    terminal = open(ptsname(*other_side), O_RDWR | O_NOCTTY);
    CHECK(terminal >= 0);
    return terminal;
}

#endif
