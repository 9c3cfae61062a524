/*
 * Amounts as people read them.
 */
#ifndef AMOUNTS_H
#define AMOUNTS_H

#include <stddef.h>
#include <stdint.h>

/* Writes bytes, "11.5 MiB". */
void amounts_put_size(char *text, size_t cap, uint64_t bytes);

/* Writes seconds, "3m". */
void amounts_put_age(char *text, size_t cap, uint64_t seconds);

#endif
