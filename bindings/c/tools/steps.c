#include "steps.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "found.h"
#include "hints.h"
#include "json.h"
#include "report.h"
#include "terminal.h"

enum {
    TEXT_CAP = 2048,  /* a sentence; a longer value is cut */
    STEP_WIDTH = 38,  /* a name, how it went and how long it took */
    DETAIL_COLUMN = 4 /* where what belongs to a step begins */
};

static void read_step(struct json *json, struct step *step)
{
    char name[FOUND_NAME_CAP], value[TEXT_CAP];

    *step = (struct step){.name = "?"};
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        if (strcmp(name, "certificate") == 0)
            found_read_certificate(json, &step->server);
        else if (strcmp(name, "client_certificate") == 0)
            found_read_certificate(json, &step->client);
        else if (strcmp(name, "proxy") == 0)
            found_read_proxy(json, &step->proxy);
        else if (strcmp(name, "addresses") == 0)
            found_read_addresses(json, step);
        else {
            json_value(json, value, sizeof value);
            found_keep(step, name, value);
        }
    }
}

static void put_labelled(const char *label, const char *text, const char *colour)
{
    printf("%*s%s", DETAIL_COLUMN, "", terminal_colour(colour));
    terminal_padded(label, FOUND_LABEL_WIDTH);
    terminal_wrapped(stdout, text, DETAIL_COLUMN + FOUND_LABEL_WIDTH, DETAIL_COLUMN + FOUND_LABEL_WIDTH);
    printf("%s", terminal_plain());
}

/* Returns whether a hint named a document. */
static bool put_step(const struct step *step, const char *endpoint, enum endpoint_kind kind)
{
    char text[TEXT_CAP];

    printf("  ");
    terminal_padded(step->name, 14);
    printf("%s%-8s%s%9.1f ms", terminal_colour(step->ok ? "\033[32m" : "\033[1;31m"), step->ok ? "ok" : "FAILED",
           terminal_plain(), step->milliseconds);
    if (found_in_brief(step, endpoint, text, sizeof text)) {
        /* On a narrow terminal it stands below. */
        bool is_narrow = terminal_columns() < TERMINAL_COLUMNS;
        int column = is_narrow ? DETAIL_COLUMN : STEP_WIDTH;
        if (is_narrow)
            printf("\n%*s", column, "");
        else
            printf("  ");
        terminal_wrapped(stdout, text, column, column);
    } else {
        putchar('\n');
    }
    found_put_details(step, put_labelled);
    if (step->ok)
        return false;
    printf("%*s%s", DETAIL_COLUMN, "", terminal_colour("\033[1m"));
    terminal_wrapped(stdout, step->error, DETAIL_COLUMN, DETAIL_COLUMN);
    printf("%s", terminal_plain());
    const struct hint *hint = hints_find(kind, step->name, step->finding);
    if (hint == NULL)
        return false;
    put_labelled("try", hint->advice, "");
    put_labelled("options", hint->options, "");
    return hints_name_document(hint);
}

/* All steps of one endpoint at which nothing is wrong, in a line or two. */
static void put_brief(const struct step *steps, unsigned count)
{
    char text[TEXT_CAP] = "";
    size_t len = 0;

    for (unsigned i = 0; i < count && len < sizeof text - 1; i++) {
        int more = snprintf(text + len, sizeof text - len, "%s%s %.1f ms", i > 0 ? ", " : "", steps[i].name,
                            steps[i].milliseconds);
        len += more > 0 ? (size_t)more : 0;
    }
    printf("  %sok%s  ", terminal_colour("\033[32m"), terminal_plain());
    terminal_wrapped(stdout, text, 6, 6);
}

enum {
    MOST_STEPS = 8 /* of one endpoint; there are six, and one for a missing thread */
};

struct group {
    char endpoint[TEXT_CAP];
    struct step steps[MOST_STEPS];
    unsigned count;
    bool is_sound; /* nothing failed, nothing to be told of */
};

static void put_group(const struct group *group, const struct steps_view *view, bool are_several, struct outcome *outcome)
{
    enum endpoint_kind kind = hints_kind(group->endpoint, view->http_format);

    if (group->count == 0 || view->counts_only)
        return;
    if (view->line_start != NULL) {
        for (unsigned i = 0; i < group->count; i++) {
            const struct step *step = &group->steps[i];
            if (step->ok)
                continue;
            printf("%sFAILED  ", view->line_start);
            terminal_text(stdout, group->endpoint, group->endpoint + strlen(group->endpoint));
            printf("  %s: ", step->name);
            terminal_text(stdout, step->error, step->error + strlen(step->error));
            putchar('\n');
        }
        return;
    }
    report_headline(group->endpoint);
    if (are_several && group->is_sound && !view->all) {
        put_brief(group->steps, group->count);
        return;
    }
    for (unsigned i = 0; i < group->count; i++)
        outcome->names_document |= put_step(&group->steps[i], group->endpoint, kind);
}

const char *steps_show(const char *json, size_t len, const struct steps_view *view, struct outcome *outcome)
{
    static struct group group; /* too large for a stack */
    static struct step step;
    struct json reader;

    *outcome = (struct outcome){0};
    group.count = 0;
    json_begin(&reader, json, len);
    json_enter(&reader, '[');
    bool are_several = false;
    while (json_more(&reader, ']')) {
        read_step(&reader, &step);
        if (reader.error != NULL)
            break;
        are_several = step.endpoint[0] != '\0';
        const char *wanted = are_several ? step.endpoint : view->endpoint;
        if (group.count == 0 || strcmp(wanted, group.endpoint) != 0 || group.count == MOST_STEPS) {
            put_group(&group, view, are_several, outcome);
            group.count = 0;
            group.is_sound = true;
            snprintf(group.endpoint, sizeof group.endpoint, "%s", wanted);
        }
        found_look(&step, group.endpoint);
        unsigned warnings = found_warnings(&step);
        group.steps[group.count++] = step;
        group.is_sound = group.is_sound && step.ok && warnings == 0;
        outcome->steps++;
        outcome->failed += !step.ok;
        outcome->warnings += warnings;
        outcome->milliseconds += step.milliseconds;
    }
    put_group(&group, view, are_several, outcome);
    return json_ended(&reader) ? NULL : reader.error;
}
