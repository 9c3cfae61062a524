/*
 * Who reads a FIFO: opening it to find out would be the end to its reader.
 */
#ifndef FIFO_H
#define FIFO_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes what is known of the reader of `path` into `text`. Returns false where it is no FIFO, or the system does not tell.
 * `is_read` gets whether somebody was found.
 */
bool fifo_describe(const char *path, char *text, size_t cap, bool *is_read);

#endif
