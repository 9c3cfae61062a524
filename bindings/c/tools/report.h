/*
 * What mona-doctor shows: the texts of libmona as tables on standard output.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Prints the options that somebody set, out of the description of mona_client_describe(), with `all` those at their
 * defaults too. Returns NULL or, when the description cannot be read, a static sentence that says why.
 */
const char *report_options(const char *json, size_t len, bool all);

/*
 * Copies the value of one option from the description of mona_client_describe(), and where it came from; both
 * are "" when there is no such option.
 */
void report_find(const char *json, size_t len, const char *name, char *value, size_t value_cap, char *source,
                 size_t source_cap);

/* Prints a headline, each but the first after an empty line. */
void report_headline(const char *text);

/* Prints a sentence after an empty line, broken into lines, in a colour (terminal.h). */
void report_sentence(const char *text, const char *colour);

#endif
