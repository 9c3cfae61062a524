/*
 * Options because of which nothing arrives, however well each step of a check goes.
 */
#ifndef SILENCE_H
#define SILENCE_H

#include <stdbool.h>

#include "lines.h"

/*
 * Adds a warning for each such option of a description of mona_client_describe(). Returns whether there is one
 * because of which no event at all would arrive.
 */
bool silence_find(const char *description, struct lines *lines);

#endif
