#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "terminal.h"

enum {
    NAME_CAP = 64,       /* libmona's names are shorter than 20 */
    WORD_CAP = 32,       /* "ok", a number, a source */
    TEXT_CAP = 2048,     /* a sentence; a longer value is cut */
    VALUE_COLUMN = 36,   /* where the values of options begin */
    LOG_COLUMN = 11      /* where log lines begin */
};

/* Where to look when a step fails. */
static const struct {
    const char *step;
    const char *options;
} looks[] = {
    {"resolve", "endpoint, host"},
    {"connect", "endpoint, host, port, connect_timeout_ms"},
    {"tls", "endpoint, ca_file, tls_server_name, client_cert_file, client_key_file"},
    {"authenticate", "shared_key, username, password; with HTTP api_key, api_secret, auth_mode, auth_url"},
    {"send", "endpoint, http_format or otlp_encoding, http_header, io_timeout_ms"},
    {"ack", "endpoint, shared_key, ack, ack_timeout_ms"},
};

void report_headline(const char *text)
{
    printf("\n%s", terminal_colour("\033[1m"));
    terminal_text(stdout, text, text + strlen(text));
    printf("%s\n", terminal_plain());
}

void report_sentence(const char *text)
{
    putchar('\n');
    terminal_wrapped(stdout, text, 0, 0);
}

struct step {
    char endpoint[TEXT_CAP];
    char name[NAME_CAP];
    char ok[WORD_CAP];
    char milliseconds[WORD_CAP];
    char error[TEXT_CAP];
    char address[TEXT_CAP]; /* where it led; empty where nothing did */
};

static void read_step(struct json *json, struct step *step)
{
    char name[NAME_CAP], other[WORD_CAP];

    *step = (struct step){.name = "?"};
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        if (strcmp(name, "endpoint") == 0)
            json_value(json, step->endpoint, sizeof step->endpoint);
        else if (strcmp(name, "step") == 0)
            json_value(json, step->name, sizeof step->name);
        else if (strcmp(name, "ok") == 0)
            json_value(json, step->ok, sizeof step->ok);
        else if (strcmp(name, "milliseconds") == 0)
            json_value(json, step->milliseconds, sizeof step->milliseconds);
        else if (strcmp(name, "error") == 0)
            json_value(json, step->error, sizeof step->error);
        else if (strcmp(name, "address") == 0)
            json_value(json, step->address, sizeof step->address);
        else
            json_value(json, other, sizeof other);
    }
}

static void put_step(const struct step *step, const char *endpoint, bool ok)
{
    printf("  ");
    terminal_padded(step->name, 14);
    printf("%s%-8s%s%9.1f ms", terminal_colour(ok ? "\033[32m" : "\033[1;31m"), ok ? "ok" : "FAILED", terminal_plain(),
           strtod(step->milliseconds, NULL));
    /* An endpoint that is an address says so itself. */
    if (step->address[0] != '\0' && strstr(endpoint, step->address) == NULL) {
        printf("  to ");
        terminal_text(stdout, step->address, step->address + strlen(step->address));
    }
    putchar('\n');
    if (ok)
        return;
    printf("    ");
    terminal_wrapped(stdout, step->error, 4, 4);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        if (strcmp(step->name, looks[i].step) == 0) {
            printf("    options: ");
            terminal_wrapped(stdout, looks[i].options, 13, 13);
        }
    }
}

const char *report_steps(const char *json, size_t len, const char *endpoint, struct outcome *outcome)
{
    struct json reader;
    struct step step;
    char title[TEXT_CAP] = "";

    *outcome = (struct outcome){0};
    json_begin(&reader, json, len);
    json_enter(&reader, '[');
    while (json_more(&reader, ']')) {
        read_step(&reader, &step);
        if (reader.error != NULL)
            break;
        const char *wanted = step.endpoint[0] != '\0' ? step.endpoint : endpoint;
        if (outcome->steps == 0 || strcmp(wanted, title) != 0) {
            report_headline(wanted);
            snprintf(title, sizeof title, "%s", wanted);
        }
        bool ok = strcmp(step.ok, "true") == 0;
        put_step(&step, title, ok);
        outcome->steps++;
        outcome->failed += !ok;
    }
    return json_ended(&reader) ? NULL : reader.error;
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

/* Prints the options that are at their default, or all the others. */
static const char *put_options(const char *json, size_t len, bool defaults)
{
    struct json reader;
    struct option option;

    json_begin(&reader, json, len);
    json_enter(&reader, '{');
    while (read_option(&reader, &option)) {
        if ((strcmp(option.source, "default") == 0) != defaults)
            continue;
        printf("  ");
        terminal_padded(option.name, 20);
        terminal_padded(option.source, VALUE_COLUMN - 22);
        terminal_wrapped(stdout, option.value[0] != '\0' ? option.value : "-", VALUE_COLUMN, VALUE_COLUMN);
    }
    return json_ended(&reader) ? NULL : reader.error;
}

const char *report_options(const char *json, size_t len)
{
    report_headline("Options               from          value");
    const char *error = put_options(json, len, false);
    return error != NULL ? error : put_options(json, len, true);
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

/* Where the member `name` of an object stands. Returns whether there is one. */
static bool find_member(const char *text, const char *name, const char **start, size_t *len)
{
    struct json reader;
    char found[NAME_CAP], value[WORD_CAP];

    json_begin(&reader, text, strlen(text));
    json_enter(&reader, '{');
    while (json_more(&reader, '}') && json_name(&reader, found, sizeof found)) {
        *start = reader.at;
        json_value(&reader, value, sizeof value);
        *len = (size_t)(reader.at - *start);
        if (reader.error == NULL && strcmp(found, name) == 0)
            return true;
    }
    return false;
}

char *report_with_option(const char *description, const char *name, const char *other)
{
    const char *old, *new;
    size_t old_len, new_len;

    if (!find_member(description, name, &old, &old_len) || !find_member(other, name, &new, &new_len))
        return NULL;
    size_t before = (size_t)(old - description), rest = strlen(old + old_len) + 1;
    char *text = malloc(before + new_len + rest);
    if (text == NULL)
        return NULL;
    memcpy(text, description, before);
    memcpy(text + before, new, new_len);
    memcpy(text + before + new_len, old + old_len, rest);
    return text;
}

void report_log_line(int32_t level, const char *line)
{
    const char *name = level >= 40 ? "error" : level >= 30 ? "warning" : level >= 20 ? "info" : "debug";
    printf("  %-*s", LOG_COLUMN - 2, name);
    terminal_wrapped(stdout, line, LOG_COLUMN, LOG_COLUMN);
}
