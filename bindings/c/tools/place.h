/*
 * What stands in the way at a path, for this user, found out without making or writing anything.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Why a file at `path` cannot be appended to, in a word of hints.c: "folder", "no_folder", "under_file" (a part of it is
 * no folder), "forbidden", "read_only", "full"; or "", where nothing is seen.
 */
const char *place_of_file(const char *path);

/*
 * Whether libmona could make and use a spool at `dir`: the folder itself, which may be there, in one that has to be. If
 * not, `why` gets a sentence.
 */
bool place_takes_spool(const char *dir, char *why, size_t cap);

#endif
