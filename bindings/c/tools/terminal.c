#define _DEFAULT_SOURCE /* ioctl with TIOCGWINSZ; isatty, nl_langinfo */

#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    TERMINAL_ROWS = 24, /* where it does not say */
    FEWEST_COLUMNS = 40 /* in less the columns of a table are as wide as the terminal */
};

static struct {
    bool is_known;
    bool is_terminal;
    bool has_colours;
    bool is_plain; /* it shows nothing but ASCII */
    int columns;
} terminal;

/* Whether texts are shown in UTF-8: as the program's locale says, which a person sets for their terminal. */
static bool is_utf8(void)
{
    /* Of characters alone: numbers are written as everywhere. */
    const char *codeset = setlocale(LC_CTYPE, "") != NULL ? nl_langinfo(CODESET) : "";
    return strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0;
}

void terminal_measure(void)
{
    struct winsize size;

    terminal_begin();
    if (!terminal.is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return;
    terminal.columns = size.ws_col > TERMINAL_COLUMNS ? TERMINAL_COLUMNS
        : size.ws_col > FEWEST_COLUMNS                ? size.ws_col
                                                      : FEWEST_COLUMNS;
}

void terminal_begin(void)
{
    const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");

    if (terminal.is_known)
        return;
    terminal.is_known = true;
    terminal.columns = TERMINAL_COLUMNS;
    terminal.is_terminal = isatty(STDOUT_FILENO);
    if (!terminal.is_terminal)
        return;
    terminal.has_colours = (no == NULL || no[0] == '\0') && (kind == NULL || strcmp(kind, "dumb") != 0);
    terminal.is_plain = !is_utf8();
    terminal_measure();
}

bool terminal_is_one(void)
{
    terminal_begin();
    return terminal.is_terminal;
}

int terminal_columns(void)
{
    terminal_begin();
    return terminal.columns;
}

int terminal_rows(void)
{
    struct winsize size;
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    return is_known ? size.ws_row : TERMINAL_ROWS;
}

const char *terminal_colour(const char *code)
{
    terminal_begin();
    return terminal.has_colours ? code : "";
}

const char *terminal_plain(void)
{
    return terminal_colour("\033[0m");
}

/* Takes one character from a text: the bytes to print for it, or "?" for one that steers or cannot be shown. */
static const char *next_character(const char **text, size_t *len)
{
    const unsigned char *at = (const unsigned char *)*text;
    bool steers = at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0);
    const char *start = *text;

    (*text)++;
    while (((unsigned char)**text & 0xC0) == 0x80)
        (*text)++;
    bool is_shown = !steers && (at[0] < 0x80 || !terminal.is_plain);
    *len = is_shown ? (size_t)(*text - start) : 1;
    return is_shown ? start : "?";
}

int terminal_text(FILE *stream, const char *text, const char *text_end)
{
    int width = 0;
    terminal_begin();
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
        if (!fresh && column + 1 + width > terminal_columns()) {
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
