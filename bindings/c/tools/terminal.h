/*
 * Text on a terminal of 80 columns or more, for the tools.
 *
 * Everything goes to standard output unless a function takes a stream. What comes from elsewhere, a collector's
 * words for instance, is shown without control characters, so that it cannot steer the terminal.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdio.h>

enum {
    TERMINAL_COLUMNS = 80 /* the narrowest terminal that is still usual */
};

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
