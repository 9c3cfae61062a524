/*
 * What the command lines of the tools have in common. What is wrong is said on standard error.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <mona.h>

#include <stdbool.h>
#include <stdint.h>

/* Says on standard error why a call of libmona failed, in the library's own words. `what` may be NULL. */
void command_complain(const char *tool, const char *what, mona_status status);

/* The value of `name` at argv[*i], written as `name VALUE`, `name=VALUE` or, for one letter, `-oVALUE`; or NULL. */
const char *command_value(const char *name, int argc, char **argv, int *i);

/* Whether a word is the name of an option, which can be shown: any other may be a value, and a secret. */
bool command_is_option(const char *word);

/* Sets the option of a NAME=VALUE. The value may be a secret, so that only libmona decides what is shown of it. */
bool command_set(const char *tool, mona_options *options, const char *pair);

/* Reads the seconds of `name`, from 0.001 to an hour. */
bool command_seconds(const char *tool, const char *name, const char *text, uint32_t *milliseconds);

/* Prints the tool's name and the version of the library. */
void command_version(const char *tool);

/* Ends standard output. Returns whether all of it was written. */
bool command_finish(const char *tool);

#endif
