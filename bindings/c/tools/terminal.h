/*
 * Text on a terminal, for the tools: in as many columns as it has and no more than people like to read.
 *
 * Everything goes to standard output unless a function takes a stream. What comes from elsewhere, a collector's
 * words for instance, is shown without control characters, so that it cannot steer the terminal.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum {
    TERMINAL_COLUMNS = 80 /* longer lines are hard to read; also the width where there is no terminal */
};

/*
 * Looks whether standard output is a terminal, how wide it is, whether it takes colours and UTF-8. Whoever never calls it
 * gets the same at the first line; what follows stays as it was then, also where standard output becomes a pipe.
 */
void terminal_begin(void);

/* Looks again how wide it is. */
void terminal_measure(void);

/* Whether standard output is, or was then, a terminal. */
bool terminal_is_one(void);

/* Columns that lines may have. */
int terminal_columns(void);

/* Rows of the terminal as it is now. */
int terminal_rows(void);

/* A colour's code on a terminal; "" elsewhere, and where the person does not want colours (no-color.org). */
const char *terminal_colour(const char *code);

/* What ends a colour. */
const char *terminal_plain(void);

/* Prints a text; returns how many characters it had. */
int terminal_text(FILE *stream, const char *text, const char *text_end);

/* Prints a text and blanks up to a width, one blank at least. */
void terminal_padded(const char *text, int width);

/* Prints words from column `column` on, further lines indented to `indent`, and ends the line. */
void terminal_wrapped(FILE *stream, const char *text, int column, int indent);

#endif
