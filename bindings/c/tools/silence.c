#include "silence.h"

#include <mona.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "report.h"
#include "scheme.h"

enum {
    TEXT_CAP = 2048, /* a sentence, or a value as report_find() has it; a longer one is cut */
    RATE_CAP = 64,   /* a number from 0 to 1, as libmona writes it */
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

/* Whether a class has a share of its events sent. Rates that are too many to be read to their end may have one. */
static bool has_share(const char *rates)
{
    struct json json;
    char name[TEXT_CAP], rate[RATE_CAP];

    json_begin(&json, rates, strlen(rates));
    json_enter(&json, '{');
    while (json_more(&json, '}') && json_name(&json, name, sizeof name)) {
        json_value(&json, rate, sizeof rate);
        if (strtod(rate, NULL) > 0)
            return true;
    }
    return !json_ended(&json);
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
    if (scheme_behind(endpoint.value, "null:") != NULL) {
        warn(lines, "endpoint", &endpoint, "which keeps nothing: no event arrives anywhere");
        is_silent = true;
    } else if (scheme_behind(endpoint.value, "memory:") != NULL) {
        warn(lines, "endpoint", &endpoint, "which keeps events for the program itself: none arrives anywhere");
        is_silent = true;
    }
    if (rate.value[0] != '\0' && strtod(rate.value, NULL) <= 0) {
        bool has_others = has_share(rates.value);
        warn(lines, "sample_rate", &rate,
             has_others ? "no event is sent but those of classes that sample_rates gives another share"
                        : "no event is sent");
        is_silent |= !has_others;
    }
    return is_silent;
}
