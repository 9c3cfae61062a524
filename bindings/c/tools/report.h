/*
 * What mona-doctor shows: the texts of libmona as tables on standard output.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdint.h>

/* How a check went. */
struct outcome {
    unsigned steps;
    unsigned failed;
};

/*
 * Prints the report of mona_client_check(). `endpoint` is the title where the report names none. Returns NULL or,
 * when the report cannot be read, a static sentence that says why.
 */
const char *report_steps(const char *json, size_t len, const char *endpoint, struct outcome *outcome);

/* Prints the description of mona_client_describe(), what somebody chose first. Returns as report_steps(). */
const char *report_options(const char *json, size_t len);

/*
 * Copies the value of one option from the description of mona_client_describe(), and where it came from; both
 * are "" when there is no such option.
 */
void report_find(const char *json, size_t len, const char *name, char *value, size_t value_cap, char *source,
                 size_t source_cap);

/*
 * A description with the option `name` as it is in another one, for free(). NULL where one of them has no such option,
 * or where memory is missing.
 */
char *report_with_option(const char *description, const char *name, const char *other);

/* Prints one line of the log. */
void report_log_line(int32_t level, const char *line);

/* Prints a headline after an empty line. */
void report_headline(const char *text);

/* Prints a sentence after an empty line, broken into lines. */
void report_sentence(const char *text);

#endif
