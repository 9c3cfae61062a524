/*
 * Reads JSON text from front to back, as far as libmona's reports need it: objects, arrays and what is in them.
 *
 * Each function takes the next thing from the text and believes nothing it reads. The first thing that is not
 * what was asked for sets `error`; then every call gives nothing, so that a caller can look at it once, at the
 * end. Texts that do not fit are cut between two characters. Needs nothing but the C library.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct json {
    const char *at;
    const char *end;
    bool first; /* nothing was read yet of the object or array that was entered last */
    const char *error; /* a static sentence, or NULL */
};

/* Begins to read a text, which must outlive the reader. */
void json_begin(struct json *json, const char *text, size_t len);

/* Enters an object ('{') or an array ('['). */
void json_enter(struct json *json, char bracket);

/* Whether another member or element comes before the closing bracket ('}' or ']'), which is taken if not. */
bool json_more(struct json *json, char bracket);

/* Takes the name of a member. Returns whether there was one. */
bool json_name(struct json *json, char *buf, size_t cap);

/* Takes a value as people read it: text without its quotes, null as nothing, all else as it is written. */
void json_value(struct json *json, char *buf, size_t cap);

/* Prints a text as JSON, with its quotes. What is not UTF-8 becomes "?". */
void json_put_text(FILE *stream, const char *text);

/* Whether the whole text was read and nothing in it was wrong. */
bool json_ended(struct json *json);

#endif
