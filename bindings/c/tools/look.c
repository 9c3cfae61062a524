#define _POSIX_C_SOURCE 200809L /* gmtime_r */

#include "look.h"

#include <mona.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "describe.h"
#include "hints.h"
#include "json.h"
#include "lines.h"
#include "place.h"
#include "report.h"
#include "silence.h"
#include "spooled.h"
#include "steps.h"
#include "terminal.h"

enum {
    WELL = 0,
    FAILED = 1,
    UNUSABLE = 2,
    DETAIL_CAP = 1024,       /* a sentence of libmona */
    REPORT_CAP = 256 * 1024, /* a check of hundreds of endpoints */
    NAME_CAP = 128           /* the name of an option; libmona's are shorter than 20 */
};

static const char tool[] = "mona-doctor";

/* What one look found. */
struct look {
    const struct wanted *wanted;
    char time[NAME_CAP];
    struct lines about_settings; /* what libmona said when the client was made */
    struct lines log;            /* and during the check */
    char error[DETAIL_CAP + NAME_CAP]; /* why there was no check */
    char report[REPORT_CAP];     /* of mona_client_check() */
    char *description;           /* of mona_client_describe() */
    bool is_well;
    bool is_of_system;           /* the error is the system's: a file that cannot be opened */
    bool is_silent;              /* nothing would arrive, however well each step goes */
    struct spooled spooled;
};

static bool set(mona_options *options, const char *name, const char *value)
{
    return mona_options_set(options, name, MONA_NTS, value, MONA_NTS) == MONA_OK;
}

static bool names(const char *pair, const char *name)
{
    size_t len = strlen(name);
    return strncmp(pair, name, len) == 0 && pair[len] == '=';
}

/*
 * The options for the check: without a spool, as what lies there would be sent; without what prints lines in the middle of
 * the report; and with the log level of mona_log_set_level().
 */
static bool set_for_check(mona_options *options, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->pair_count; i++) {
        if (!names(wanted->pairs[i], "log_level") && !command_set(tool, options, wanted->pairs[i]))
            return false;
    }
    return set(options, "print_logs", "false") && set(options, "spool_dir", "");
}

/* The options as they are for programs, for a client that does nothing. */
static bool set_as_programs(mona_options *options, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->pair_count; i++) {
        if (!command_set(tool, options, wanted->pairs[i]))
            return false;
    }
    return set(options, "disable_all", "true");
}

static void keep_error(struct look *look, const char *what, mona_status status)
{
    char detail[DETAIL_CAP] = "";
    size_t len;
    (void)mona_last_error(detail, sizeof detail, &len);
    look->is_of_system = status == MONA_E_IO;
    snprintf(look->error, sizeof look->error, "%s: %s", what, detail[0] != '\0' ? detail : mona_status_text(status));
}

static void examine(struct look *look, mona_client *client, const mona_options *as_programs)
{
    size_t len = 0;
    mona_status status = mona_client_check(client, look->wanted->timeout_ms, look->report, sizeof look->report, &len);
    bool tried = status == MONA_OK || status == MONA_E_IO || status == MONA_E_TIMEOUT || status == MONA_E_CLOSED;

    if (!tried || len >= sizeof look->report) {
        keep_error(look, "check", status);
        return;
    }
    look->is_well = status == MONA_OK;
    lines_take(&look->log, look->wanted->all ? MONA_LOG_DEBUG : MONA_LOG_WARNING);
    /* What the other client has to say was said. */
    (void)mona_log_set_level(MONA_LOG_ERROR + 10);
    look->description = describe_as_programs(client, as_programs);
    if (look->description == NULL) {
        keep_error(look, "description", MONA_E_ARGUMENT);
        return;
    }
    look->is_silent = silence_find(look->description, &look->about_settings);
    spooled_look(look->description, &look->spooled);
}

/* The level that the options ask for also decides what is told of what they mean. */
static void take_lines(struct look *look, const mona_client *client)
{
    char *description = describe_client(client), value[NAME_CAP] = "", source[NAME_CAP];

    if (description != NULL)
        report_find(description, strlen(description), "log_level", value, sizeof value, source, sizeof source);
    free(description);
    int32_t level = value[0] != '\0' ? (int32_t)strtol(value, NULL, 10) : MONA_LOG_WARNING;
    lines_take(&look->about_settings,
               look->wanted->all ? MONA_LOG_DEBUG : level < MONA_LOG_WARNING ? level : MONA_LOG_WARNING);
}

/* Looks. Returns false after a wrong command line, which was said. */
static bool take_a_look(struct look *look)
{
    mona_options *options = mona_options_new(), *as_programs = mona_options_new();
    mona_client *client;
    bool is_right = set_for_check(options, look->wanted) && set_as_programs(as_programs, look->wanted);

    if (is_right) {
        /* Whatever level programs log at: a variable that counts for nothing is to be told. */
        (void)mona_log_set_level(MONA_LOG_DEBUG);
        mona_status status = mona_client_new(options, &client);
        if (status != MONA_OK) {
            keep_error(look, "no client", status);
            lines_take(&look->about_settings, MONA_LOG_WARNING);
            /* What the error says. */
            lines_leave_out(&look->about_settings, "no client was made: ");
        } else {
            take_lines(look, client);
            examine(look, client, as_programs);
            mona_client_free(client);
        }
    }
    mona_options_free(options);
    mona_options_free(as_programs);
    return is_right;
}

/* What a report is headed with that names no endpoint, because there is only one. */
static void name_endpoint(const char *description, char *title, size_t cap)
{
    size_t len = strlen(description);
    char value[DETAIL_CAP], port[NAME_CAP], source[NAME_CAP];

    report_find(description, len, "endpoint", value, sizeof value, source, sizeof source);
    if (value[0] != '\0') {
        /* Blanks around it are none of it. */
        const char *start = value + strspn(value, " \t");
        size_t end = strlen(start);
        while (end > 0 && strchr(" \t", start[end - 1]) != NULL)
            end--;
        snprintf(title, cap, "%.*s", (int)end, start);
        return;
    }
    report_find(description, len, "http_format", value, sizeof value, source, sizeof source);
    if (strcmp(value, "mona") == 0) {
        snprintf(title, cap, "Mona REST export API");
        return;
    }
    report_find(description, len, "host", value, sizeof value, source, sizeof source);
    report_find(description, len, "port", port, sizeof port, source, sizeof source);
    snprintf(title, cap, strchr(value, ':') != NULL ? "[%s]:%s" : "%s:%s", value, port);
}

/* Shows the steps, or only counts. Returns whether the report could be read. */
static bool show_steps(const struct look *look, struct steps_view view, struct outcome *outcome)
{
    char title[DETAIL_CAP], format[NAME_CAP], source[NAME_CAP];

    name_endpoint(look->description, title, sizeof title);
    report_find(look->description, strlen(look->description), "http_format", format, sizeof format, source, sizeof source);
    view.endpoint = title;
    view.http_format = format;
    view.all = look->wanted->all;
    const char *error = steps_show(look->report, strlen(look->report), &view, outcome);
    if (error != NULL)
        fprintf(stderr, "%s: the report of the check cannot be read: %s\n", tool, error);
    return error == NULL;
}

static unsigned count_warnings(const struct look *look, const struct outcome *outcome)
{
    unsigned count = outcome->warnings + (unsigned)spooled_warns(&look->spooled);
    for (size_t i = 0; i < look->about_settings.count; i++)
        count += look->about_settings.all[i].level >= MONA_LOG_WARNING;
    return count;
}

static bool is_at_default(const char *description, const char *option)
{
    char value[DETAIL_CAP], source[NAME_CAP];
    report_find(description, strlen(description), option, value, sizeof value, source, sizeof source);
    return strcmp(source, "default") == 0;
}

static void show_line(const char *text, const char *colour)
{
    printf("%s", terminal_colour(colour));
    terminal_wrapped(stdout, text, 0, 0);
    printf("%s", terminal_plain());
}

static void show_verdict(const struct look *look, const struct outcome *outcome)
{
    char text[DETAIL_CAP];
    unsigned warnings = count_warnings(look, outcome);
    const char *colour = outcome->failed > 0 ? "\033[1;31m" : look->is_silent ? "\033[33m" : "\033[32m";

    if (outcome->failed > 0)
        snprintf(text, sizeof text, "%u of %u steps failed.", outcome->failed, outcome->steps);
    else if (look->is_silent)
        snprintf(text, sizeof text, "Every step succeeded, and yet no event would arrive: the settings at the top say why.");
    else
        snprintf(text, sizeof text, "Every step succeeded. No event was sent%s", look->wanted->all
                     ? ": collectors differ in how deep and how large they take one (max_depth, max_event_bytes)."
                     : ".");
    report_sentence(text, colour);
    if (warnings > 0) {
        snprintf(text, sizeof text, "%u warning%s above.", warnings, warnings == 1 ? "" : "s");
        show_line(text, "\033[33m");
    }
    if (outcome->failed > 0 && is_at_default(look->description, "endpoint") && is_at_default(look->description, "host"))
        show_line("No option says where the collector is, so it is looked for on this machine: set MONA_ENDPOINT.",
                  "\033[33m");
    if (outcome->names_document)
        show_line(hints_where, "");
}

/* The hint for a file that stands in the way of a client, or NULL: an error names its endpoint. */
static const struct hint *hint_of_file(const struct look *look)
{
    static const char start[] = "\"file://", end[] = "\": ";
    const char *url = look->is_of_system ? strstr(look->error, start) : NULL;
    char path[DETAIL_CAP];

    if (url == NULL)
        return NULL;
    const char *from = url + sizeof start - 1, *behind = strstr(from, end);
    if (behind == NULL)
        return NULL;
    snprintf(path, sizeof path, "%.*s", (int)(behind - from), from);
    return hints_find(KIND_FILE, "connect", place_of_file(path));
}

/* Why there was no check, and what was said on the way. */
static int show_failure(const struct look *look)
{
    fflush(stdout);
    fprintf(stderr, "%s: ", tool);
    terminal_wrapped(stderr, look->error, (int)sizeof tool + 1, 4);
    const struct hint *hint = hint_of_file(look);
    if (hint != NULL) {
        fprintf(stderr, "    try: ");
        terminal_wrapped(stderr, hint->advice, 9, 9);
    }
    lines_show(&look->about_settings, "Settings");
    return UNUSABLE;
}

static int show_screen(const struct look *look)
{
    struct outcome outcome;

    /* Looks that follow each other are headed by the time. */
    if (!look->wanted->watches)
        command_version(tool);
    if (look->error[0] != '\0')
        return show_failure(look);
    lines_show(&look->about_settings, "Settings");
    if (!show_steps(look, (struct steps_view){.counts_only = false}, &outcome))
        return UNUSABLE;
    const char *error = report_options(look->description, strlen(look->description), look->wanted->all);
    if (error != NULL) {
        fprintf(stderr, "%s: the description of the client cannot be read: %s\n", tool, error);
        return UNUSABLE;
    }
    spooled_show(&look->spooled);
    lines_show(&look->log, "Log");
    show_verdict(look, &outcome);
    return outcome.failed == 0 ? WELL : FAILED;
}

/* A line for a look at which all is well, one for each failure otherwise. */
static int show_lines(const struct look *look)
{
    char start[NAME_CAP + 2];
    struct outcome outcome;

    if (look->error[0] != '\0') {
        printf("%s  FAILED  %s\n", look->time, look->error);
        return UNUSABLE;
    }
    snprintf(start, sizeof start, "%s  ", look->time);
    if (!show_steps(look, (struct steps_view){.line_start = start}, &outcome))
        return UNUSABLE;
    unsigned warnings = count_warnings(look, &outcome);
    if (outcome.failed == 0) {
        printf("%swell    %u steps, %.1f ms", start, outcome.steps, outcome.milliseconds);
        if (warnings > 0)
            printf(", %u warning%s", warnings, warnings == 1 ? "" : "s");
        putchar('\n');
    }
    return outcome.failed == 0 ? WELL : FAILED;
}

static int show_json(const struct look *look)
{
    bool has_failed = look->error[0] != '\0';
    struct outcome outcome = {0};

    if (!has_failed && !show_steps(look, (struct steps_view){.counts_only = true}, &outcome))
        return UNUSABLE;
    printf("{\"version\":\"%s\",\"abi\":%" PRIu32 ",\"check\":%s,\"options\":%s,\"time\":\"%s\",\"well\":%s,\"error\":",
           mona_version(), mona_abi_version(), has_failed ? "[]" : look->report, has_failed ? "null" : look->description,
           look->time, look->is_well && !has_failed ? "true" : "false");
    if (has_failed)
        json_put_text(stdout, look->error);
    else
        printf("null");
    printf(",\"warnings\":%u,\"settings\":", count_warnings(look, &outcome));
    lines_json(&look->about_settings);
    printf(",\"spool\":");
    spooled_json(&look->spooled);
    printf(",\"log\":");
    lines_json(&look->log);
    printf("}\n");
    if (has_failed) {
        fflush(stdout);
        fprintf(stderr, "%s: %s\n", tool, look->error);
        return UNUSABLE;
    }
    return look->is_well ? WELL : FAILED;
}

static void put_time(char *text, size_t cap)
{
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) == NULL || strftime(text, cap, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        snprintf(text, cap, "?");
}

int look_and_show(const struct wanted *wanted)
{
    static struct look look; /* too large for a stack */
    int verdict = UNUSABLE;

    look = (struct look){.wanted = wanted};
    put_time(look.time, sizeof look.time);
    if (take_a_look(&look)) {
        bool as_lines = wanted->watches && !terminal_is_one();
        verdict = wanted->json ? show_json(&look) : as_lines ? show_lines(&look) : show_screen(&look);
    }
    lines_free(&look.about_settings);
    lines_free(&look.log);
    free(look.description);
    return verdict;
}
