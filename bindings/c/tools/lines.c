#include "lines.h"

#include <mona.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "report.h"
#include "terminal.h"

enum {
    LOG_COLUMN = 11 /* where the text of a line begins */
};

static bool keep(struct lines *lines, int32_t level, char *text)
{
    struct line *all = realloc(lines->all, (lines->count + 1) * sizeof *all);
    if (all == NULL)
        return false;
    lines->all = all;
    all[lines->count++] = (struct line){.level = level, .text = text};
    return true;
}

void lines_take(struct lines *lines, int32_t least)
{
    int32_t level;
    size_t len;

    for (;;) {
        /* Whoever asks for the length alone leaves the line there. */
        mona_status status = mona_log_take(&level, NULL, 0, &len);
        if (status != MONA_OK && status != MONA_E_TRUNCATED)
            return;
        char *text = malloc(len + 1);
        if (text == NULL)
            return;
        status = mona_log_take(&level, text, len + 1, &len);
        if (status != MONA_OK || level < least || !keep(lines, level, text))
            free(text);
        if (status != MONA_OK)
            return;
    }
}

void lines_add(struct lines *lines, int32_t level, const char *text)
{
    size_t room = strlen(text) + 1;
    char *copy = malloc(room);
    if (copy == NULL)
        return;
    memcpy(copy, text, room);
    if (!keep(lines, level, copy))
        free(copy);
}

void lines_leave_out(struct lines *lines, const char *start)
{
    size_t kept = 0;
    for (size_t i = 0; i < lines->count; i++) {
        if (strncmp(lines->all[i].text, start, strlen(start)) == 0)
            free(lines->all[i].text);
        else
            lines->all[kept++] = lines->all[i];
    }
    lines->count = kept;
}

static const char *name_of(int32_t level)
{
    return level >= MONA_LOG_ERROR ? "error"
        : level >= MONA_LOG_WARNING ? "warning"
        : level >= MONA_LOG_INFO    ? "info"
                                    : "debug";
}

void lines_show(const struct lines *lines, const char *headline)
{
    if (lines->count == 0)
        return;
    report_headline(headline);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->all[i];
        printf("  %s%-*s%s", line->level >= MONA_LOG_WARNING ? terminal_colour("\033[33m") : "", LOG_COLUMN - 2,
               name_of(line->level), terminal_plain());
        terminal_wrapped(stdout, line->text, LOG_COLUMN, LOG_COLUMN);
    }
}

void lines_json(const struct lines *lines)
{
    putchar('[');
    for (size_t i = 0; i < lines->count; i++) {
        printf("%s{\"level\":\"%s\",\"text\":", i > 0 ? "," : "", name_of(lines->all[i].level));
        json_put_text(stdout, lines->all[i].text);
        putchar('}');
    }
    putchar(']');
}

void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->all[i].text);
    free(lines->all);
    *lines = (struct lines){0};
}
