#include "silence.h"

#include <mona.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

enum {
    TEXT_CAP = 1024, /* a sentence, or a value; a longer one is cut */
    WORD_CAP = 32    /* a source */
};

struct found {
    char value[TEXT_CAP];
    char source[WORD_CAP];
};

static struct found find(const char *description, const char *name)
{
    struct found found;
    report_find(description, strlen(description), name, found.value, sizeof found.value, found.source,
                sizeof found.source);
    return found;
}

static void warn(struct lines *lines, const char *name, const struct found *found, const char *what)
{
    char text[2 * TEXT_CAP];
    snprintf(text, sizeof text, "option \"%s\" (%s): %s, %s", name, found->source, found->value, what);
    lines_add(lines, MONA_LOG_WARNING, text);
}

bool silence_find(const char *description, struct lines *lines)
{
    struct found disabled = find(description, "disable_all"), endpoint = find(description, "endpoint"),
                 rate = find(description, "sample_rate"), rates = find(description, "sample_rates");
    bool is_silent = false;

    if (strcmp(disabled.value, "true") == 0) {
        warn(lines, "disable_all", &disabled, "programs with these options record and send nothing");
        is_silent = true;
    }
    if (strncmp(endpoint.value, "null:", 5) == 0) {
        warn(lines, "endpoint", &endpoint, "which keeps nothing: no event arrives anywhere");
        is_silent = true;
    } else if (strncmp(endpoint.value, "memory:", 7) == 0) {
        warn(lines, "endpoint", &endpoint, "which keeps events for the program itself: none arrives anywhere");
        is_silent = true;
    }
    if (rate.value[0] != '\0' && strtod(rate.value, NULL) <= 0) {
        bool has_others = strcmp(rates.source, "default") != 0;
        warn(lines, "sample_rate", &rate,
             has_others ? "no event is sent but those of classes that sample_rates gives another share"
                        : "no event is sent");
        is_silent |= !has_others;
    }
    return is_silent;
}
