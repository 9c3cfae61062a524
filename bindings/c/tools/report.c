#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "terminal.h"

enum {
    NAME_CAP = 64,       /* libmona's names are shorter than 20 */
    WORD_CAP = 32,       /* "ok", a number, a source */
    TEXT_CAP = 2048,     /* a sentence; a longer value is cut */
    VALUE_COLUMN = 36    /* where the values of options begin */
};

void report_headline(const char *text)
{
    /* The first one stands close to what is above: rows are few. */
    static bool is_below_another;

    printf("%s%s", is_below_another ? "\n" : "", terminal_colour("\033[1m"));
    is_below_another = true;
    terminal_text(stdout, text, text + strlen(text));
    printf("%s\n", terminal_plain());
}

void report_sentence(const char *text, const char *colour)
{
    printf("\n%s", terminal_colour(colour));
    terminal_wrapped(stdout, text, 0, 0);
    printf("%s", terminal_plain());
}

struct option {
    char name[NAME_CAP];
    char value[TEXT_CAP];
    char source[WORD_CAP];
};

/* Takes the next option of a description. Returns whether there was one. */
static bool read_option(struct json *json, struct option *option)
{
    char name[NAME_CAP], other[WORD_CAP];

    *option = (struct option){.source = "?"};
    if (!json_more(json, '}') || !json_name(json, option->name, sizeof option->name))
        return false;
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        if (strcmp(name, "value") == 0)
            json_value(json, option->value, sizeof option->value);
        else if (strcmp(name, "source") == 0)
            json_value(json, option->source, sizeof option->source);
        else
            json_value(json, other, sizeof other);
    }
    return json->error == NULL;
}

enum which {
    CHOSEN,
    AT_DEFAULT
};

/* On a narrow terminal a value stands below its name. */
static int column_of_values(void)
{
    return terminal_columns() < TERMINAL_COLUMNS ? 4 : VALUE_COLUMN;
}

/* Prints the options that somebody set, or all the others. */
static const char *put_options(const char *json, size_t len, enum which which, bool is_printed, unsigned *count)
{
    struct json reader;
    struct option option;
    int column = column_of_values();

    *count = 0;
    json_begin(&reader, json, len);
    json_enter(&reader, '{');
    while (read_option(&reader, &option)) {
        /* What the spool is at the moment is no option. */
        if (strcmp(option.source, "state") == 0 || (strcmp(option.source, "default") == 0) != (which == AT_DEFAULT))
            continue;
        ++*count;
        if (!is_printed)
            continue;
        printf("  ");
        terminal_padded(option.name, 20);
        terminal_padded(option.source, VALUE_COLUMN - 22);
        if (column != VALUE_COLUMN)
            printf("\n%*s", column, "");
        terminal_wrapped(stdout, option.value[0] != '\0' ? option.value : "-", column, column);
    }
    return json_ended(&reader) ? NULL : reader.error;
}

const char *report_options(const char *json, size_t len, bool all)
{
    char headline[TEXT_CAP];
    unsigned chosen, defaults;

    const char *error = put_options(json, len, CHOSEN, false, &chosen);
    if (error == NULL)
        error = put_options(json, len, AT_DEFAULT, false, &defaults);
    if (error != NULL)
        return error;
    if (chosen == 0 && !all) {
        report_headline("Options");
        printf("  all %u are at their defaults (--all shows them)\n", defaults);
        return NULL;
    }
    snprintf(headline, sizeof headline, "%-22s%-14s%s", "Options", "from", "value");
    if (column_of_values() != VALUE_COLUMN)
        snprintf(headline, sizeof headline, "Options (%u%s)", defaults, all ? " of them at defaults" : " more at defaults: --all");
    else if (!all)
        snprintf(headline, sizeof headline, "%-22s%-14svalue (%u more at their defaults: --all)", "Options", "from",
                 defaults);
    report_headline(headline);
    (void)put_options(json, len, CHOSEN, true, &chosen);
    return all ? put_options(json, len, AT_DEFAULT, true, &defaults) : NULL;
}

void report_find(const char *json, size_t len, const char *name, char *value, size_t value_cap, char *source,
                 size_t source_cap)
{
    struct json reader;
    struct option option;

    snprintf(value, value_cap, "%s", "");
    snprintf(source, source_cap, "%s", "");
    json_begin(&reader, json, len);
    json_enter(&reader, '{');
    while (read_option(&reader, &option)) {
        if (strcmp(option.name, name) != 0)
            continue;
        snprintf(value, value_cap, "%s", option.value);
        snprintf(source, source_cap, "%s", option.source);
        return;
    }
}
