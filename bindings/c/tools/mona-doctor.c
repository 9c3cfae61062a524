/*
 * mona-doctor: says whether events would reach the collector, and if not, why.
 *
 * It makes a client as a program would, from the environment and the config file, tries the way to every
 * collector without sending an event, and shows the steps, the options in force with their sources, and the
 * log. Secrets are hidden by libmona before they come here.
 *
 * Exit status: 0 if every step succeeded, 1 if one failed, 2 after a wrong command line, without a client, or if
 * the report could not be written.
 */
#define _POSIX_C_SOURCE 200809L /* access */

#include <mona.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "inspect.h"
#include "report.h"
#include "terminal.h"

enum {
    WELL = 0,
    FAILED = 1,
    UNUSABLE = 2,
    DETAIL_CAP = 1024,         /* a sentence of libmona */
    REPORT_CAP = 256 * 1024,   /* a check of hundreds of endpoints */
    NAME_CAP = 128,            /* the name of an option; libmona's are shorter than 20 */
    DEFAULT_TIMEOUT_MS = 15000 /* more than connect_timeout_ms and io_timeout_ms one after the other */
};

static const char tool[] = "mona-doctor";

struct command {
    mona_options *options;     /* for the check, without a spool: what lies there would be sent */
    mona_options *as_programs; /* for a look at the spool, without doing anything */
    uint32_t timeout_ms;
    bool json;
};

static const char usage[] =
    "usage: mona-doctor [-o NAME=VALUE]... [--timeout SECONDS] [--json]\n"
    "\n"
    "Tries the way to the collector without sending an event, and shows the options in\n"
    "force. They come from the environment (MONA_ENDPOINT and others) and the config file\n"
    "(MONA_CONFIG_FILE), as for every program with libmona.\n"
    "\n"
    "  -o NAME=VALUE      set an option; secrets are safer in the environment, where other\n"
    "                     users of this machine do not see them\n"
    "  --timeout SECONDS  the longest time for the check (15)\n"
    "  --json             print libmona's own report, for programs\n"
    "  --version          print the version of the library\n"
    "  --help             print this\n"
    "\n"
    "Exit status: 0 every step succeeded, 1 one failed, 2 no check could be made.\n";

static bool set(mona_options *options, const char *name, const char *value)
{
    return mona_options_set(options, name, MONA_NTS, value, MONA_NTS) == MONA_OK;
}

static bool read_command(int argc, char **argv, struct command *command)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--json") == 0) {
            command->json = true;
        } else if ((value = command_value("-o", argc, argv, &i)) != NULL
                   || (value = command_value("--option", argc, argv, &i)) != NULL) {
            if (!command_set(tool, command->options, value) || !command_set(tool, command->as_programs, value))
                return false;
        } else if ((value = command_value("--timeout", argc, argv, &i)) != NULL) {
            if (!command_seconds(tool, "--timeout", value, &command->timeout_ms))
                return false;
        } else {
            fputs(usage, stderr);
            return false;
        }
    }
    /* What the library prints by itself would stand in the middle of the JSON. */
    return (!command->json || set(command->options, "print_logs", "false")) && set(command->options, "spool_dir", "")
        && set(command->as_programs, "print_logs", "false") && set(command->as_programs, "log_level", "50")
        && set(command->as_programs, "disable_all", "true");
}

/* The description of a client, for free(); NULL if there is none. */
static char *describe(const mona_client *client)
{
    size_t len;
    mona_status status = mona_client_describe(client, NULL, 0, &len);

    while (status == MONA_OK) {
        size_t cap = len + 1;
        char *text = malloc(cap);
        if (text == NULL)
            return NULL;
        status = mona_client_describe(client, text, cap, &len);
        if (status == MONA_OK)
            return text;
        free(text);
        /* A live option may have grown in between. */
        if (status == MONA_E_TRUNCATED)
            status = MONA_OK;
    }
    command_complain(tool, "description", status);
    return NULL;
}

/* The description of a client with the spool that programs have, for free(); NULL if there is none. */
static char *describe_as_programs(const mona_client *client, const struct command *command)
{
    mona_client *idle;
    char *description = describe(client), *other, *both = NULL;

    if (description == NULL || mona_client_new(command->as_programs, &idle) != MONA_OK)
        return description;
    if ((other = describe(idle)) != NULL)
        both = report_with_option(description, "spool_dir", other);
    free(other);
    mona_client_free(idle);
    if (both == NULL)
        return description;
    free(description);
    return both;
}

/* What a report is headed with that names no endpoint, because there is only one. */
static void name_endpoint(const char *description, char *title, size_t cap)
{
    size_t len = strlen(description);
    char value[DETAIL_CAP], port[NAME_CAP], source[NAME_CAP];

    report_find(description, len, "endpoint", value, sizeof value, source, sizeof source);
    if (value[0] != '\0') {
        snprintf(title, cap, "%s", value);
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

static bool print_steps(const char *report, const char *description, struct outcome *outcome)
{
    char title[DETAIL_CAP];
    name_endpoint(description, title, sizeof title);
    const char *error = report_steps(report, strlen(report), title, outcome);
    if (error != NULL)
        fprintf(stderr, "mona-doctor: the report of the check cannot be read: %s\n", error);
    return error == NULL;
}

static bool print_options(const char *description)
{
    const char *error = report_options(description, strlen(description));
    if (error != NULL)
        fprintf(stderr, "mona-doctor: the description of the client cannot be read: %s\n", error);
    return error == NULL;
}

/* What is in the spool, if there is to be one. */
static void print_spool(const char *description)
{
    char dir[DETAIL_CAP], source[NAME_CAP], detail[DETAIL_CAP] = "";
    struct held ended, owned;
    size_t len;

    report_find(description, strlen(description), "spool_dir", dir, sizeof dir, source, sizeof source);
    if (dir[0] == '\0')
        return;
    report_headline("Spool");
    if (access(dir, F_OK) != 0 && errno == ENOENT) {
        printf("  It is not there yet and is made with the first event that goes there.\n");
        return;
    }
    mona_status status = inspect_look(dir, &ended, &owned);
    if (status != MONA_OK) {
        (void)mona_last_error(detail, sizeof detail, &len);
        printf("  ");
        terminal_wrapped(stdout, detail[0] != '\0' ? detail : mona_status_text(status), 2, 2);
        return;
    }
    printf("  of running programs   ");
    inspect_put_held(&owned);
    printf("\n  of ended programs     ");
    inspect_put_held(&ended);
    putchar('\n');
}

static void print_log(void)
{
    char line[4096];
    size_t len;
    int32_t level;
    bool any = false;

    for (;;) {
        mona_status status = mona_log_take(&level, line, sizeof line, &len);
        if (status != MONA_OK && status != MONA_E_TRUNCATED)
            return;
        if (!any)
            report_headline("Log");
        any = true;
        report_log_line(level, line);
        /* A line that was cut still waits, and would for ever. */
        if (status == MONA_E_TRUNCATED)
            return;
    }
}

static void print_verdict(const struct outcome *outcome, const char *description)
{
    char text[DETAIL_CAP], value[NAME_CAP], source[NAME_CAP];

    report_find(description, strlen(description), "disable_all", value, sizeof value, source, sizeof source);
    if (strcmp(value, "true") == 0) {
        snprintf(text, sizeof text, "disable_all is on (%s): programs with these options record and send nothing.",
                 source);
        report_sentence(text);
    }
    if (outcome->failed == 0)
        snprintf(text, sizeof text, "Every step succeeded. No event was sent: collectors differ in how deep and how large they take one "
                 "(max_depth, max_event_bytes).");
    else
        snprintf(text, sizeof text, "%u of %u steps failed.", outcome->failed, outcome->steps);
    report_sentence(text);
}

static int show(const char *report, const char *description)
{
    struct outcome outcome;

    command_version(tool);
    if (!print_steps(report, description, &outcome) || !print_options(description))
        return UNUSABLE;
    print_spool(description);
    print_log();
    print_verdict(&outcome, description);
    return outcome.failed == 0 ? WELL : FAILED;
}

static int examine(mona_client *client, const struct command *command)
{
    static char report[REPORT_CAP];
    size_t len = 0;
    mona_status status = mona_client_check(client, command->timeout_ms, report, sizeof report, &len);

    bool tried = status == MONA_OK || status == MONA_E_IO || status == MONA_E_TIMEOUT || status == MONA_E_CLOSED;
    if (!tried || len >= sizeof report) {
        command_complain(tool, "check", status);
        return UNUSABLE;
    }
    char *description = describe_as_programs(client, command);
    if (description == NULL)
        return UNUSABLE;
    int verdict = status == MONA_OK ? WELL : FAILED;
    if (command->json)
        printf("{\"version\":\"%s\",\"abi\":%" PRIu32 ",\"check\":%s,\"options\":%s}\n", mona_version(),
               mona_abi_version(), report, description);
    else
        verdict = show(report, description);
    free(description);
    return verdict;
}

static int run(const struct command *command)
{
    mona_client *client;
    mona_status status = mona_client_new(command->options, &client);
    if (status != MONA_OK) {
        command_complain(tool, "no client", status);
        if (!command->json)
            print_log();
        return UNUSABLE;
    }
    int verdict = examine(client, command);
    mona_client_free(client);
    return verdict;
}

int main(int argc, char **argv)
{
    struct command command = {.options = mona_options_new(),
                              .as_programs = mona_options_new(),
                              .timeout_ms = DEFAULT_TIMEOUT_MS};
    int verdict = UNUSABLE;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        command_version(tool);
        verdict = WELL;
    } else if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        verdict = WELL;
    } else if (read_command(argc, argv, &command)) {
        verdict = run(&command);
    }
    mona_options_free(command.options);
    mona_options_free(command.as_programs);
    return command_finish(tool) ? verdict : UNUSABLE;
}
