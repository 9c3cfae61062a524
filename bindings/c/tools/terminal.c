#define _POSIX_C_SOURCE 200809L /* isatty */

#include "terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *terminal_colour(const char *code)
{
    static int wanted = -1;
    if (wanted < 0) {
        const char *no = getenv("NO_COLOR");
        wanted = isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0');
    }
    return wanted ? code : "";
}

const char *terminal_plain(void)
{
    return terminal_colour("\033[0m");
}

/* Takes one character from a text: the bytes to print for it, or "?" for a control character. */
static const char *next_character(const char **text, size_t *len)
{
    const unsigned char *at = (const unsigned char *)*text;
    bool steers = at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0);
    const char *start = *text;

    (*text)++;
    while (((unsigned char)**text & 0xC0) == 0x80)
        (*text)++;
    *len = steers ? 1 : (size_t)(*text - start);
    return steers ? "?" : start;
}

int terminal_text(FILE *stream, const char *text, const char *text_end)
{
    int width = 0;
    while (text < text_end) {
        size_t len;
        const char *character = next_character(&text, &len);
        fwrite(character, 1, len, stream);
        width++;
    }
    return width;
}

static int width_of(const char *text, const char *text_end)
{
    int width = 0;
    for (; text < text_end; width++) {
        size_t len;
        next_character(&text, &len);
    }
    return width;
}

void terminal_padded(const char *text, int width)
{
    int shown = terminal_text(stdout, text, text + strlen(text));
    printf("%*s", shown < width ? width - shown : 1, "");
}

void terminal_wrapped(FILE *stream, const char *text, int column, int indent)
{
    bool fresh = true;
    while (*(text += strspn(text, " ")) != '\0') {
        const char *word_end = text + strcspn(text, " ");
        int width = width_of(text, word_end);
        if (!fresh && column + 1 + width > TERMINAL_COLUMNS) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        } else if (!fresh) {
            fputc(' ', stream);
            column++;
        }
        column += terminal_text(stream, text, word_end);
        text = word_end;
        fresh = false;
    }
    fputc('\n', stream);
}
