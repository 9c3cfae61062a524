/*
 * mona-spool: looks into a spool, the folder of the option spool_dir, and sends what was left there.
 *
 * What running programs own is shown and never touched. Nothing secret is printed: libmona hides it before it
 * comes here.
 *
 * Exit status: 0 if all is well, 1 if something is damaged or was not delivered, 2 after a wrong command line, or
 * where the spool cannot be read.
 */
#include <mona.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "drain.h"
#include "inspect.h"
#include "reading.h"

enum {
    WELL = 0,
    UNUSABLE = 2
};

static const char tool[] = "mona-spool";

static const char usage[] =
    "usage: mona-spool ls DIR [--json]\n"
    "       mona-spool verify DIR [--json]\n"
    "       mona-spool cat DIR\n"
    "       mona-spool send DIR ENDPOINT [-o NAME=VALUE]... [--timeout SECONDS]\n"
    "\n"
    "Looks into a spool, the folder that programs with libmona have as spool_dir, and\n"
    "sends what was left there.\n"
    "\n"
    "  ls      shows what each instance holds, the oldest first, and whether the\n"
    "          program that owns it is running\n"
    "  verify  reads everything and prints a line for each thing that is damaged\n"
    "  cat     prints each record that waits as a line of JSON, as stdout: does\n"
    "  send    sends what ended programs left to ENDPOINT and removes it; with the\n"
    "          options of the environment (MONA_CA_FILE, ...) and the config file\n"
    "\n"
    "  --json             print libmona's own report, for programs\n"
    "  -o NAME=VALUE      set an option; secrets are safer in the environment, where\n"
    "                     other users of this machine do not see them\n"
    "  --timeout SECONDS  give up when nothing was delivered for so long (60)\n"
    "  --version          print the version of the library\n"
    "  --help             print this\n"
    "\n"
    "What running programs own is never touched, they send by themselves. Run it as\n"
    "the user of the programs.\n"
    "\n"
    "Exit status: 0 all is well, 1 something is damaged or was not delivered, 2 the\n"
    "spool or the command line cannot be used.\n";

enum {
    MOST_WORDS = 3 /* send DIR ENDPOINT */
};

struct command {
    const char *words[MOST_WORDS];
    int count;
    mona_options *options;
    bool has_options;
    bool json;
    uint32_t patience_ms;
};

static bool refuse(const char *sentence, const char *what)
{
    fprintf(stderr, "%s: %s%s; %s --help says more\n", tool, what, sentence, tool);
    return false;
}

static bool read_command(int argc, char **argv, struct command *command)
{
    bool only_words = false;

    for (int i = 1; i < argc; i++) {
        const char *value;
        if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
            if (command->count == MOST_WORDS)
                return refuse("one word too many", "");
            command->words[command->count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            command->json = true;
        } else if ((value = command_value("-o", argc, argv, &i)) != NULL
                   || (value = command_value("--option", argc, argv, &i)) != NULL) {
            if (!command_set(tool, command->options, value))
                return false;
            command->has_options = true;
        } else if ((value = command_value("--timeout", argc, argv, &i)) != NULL) {
            if (!command_seconds(tool, "--timeout", value, &command->patience_ms))
                return false;
            command->has_options = true;
        } else {
            /* What follows a "=" may be a secret. */
            char name[32];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(argv[i], "="), argv[i]);
            return refuse(": no option, or one without its value", name);
        }
    }
    return true;
}

/* Whether the words are as many as the command needs, and its options those it has. */
static bool fits(const struct command *command, int words, bool has_json, bool has_options)
{
    const char *name = command->words[0];
    if (command->count < 2)
        return refuse(": the folder of the spool (spool_dir) is expected", name);
    if (command->count < words)
        return refuse(" DIR: an endpoint is expected, like tls://collector.example:24224", name);
    if (command->count > words)
        return refuse(": one word too many", name);
    if (command->json && !has_json)
        return refuse(": it has no --json", name);
    if (command->has_options && !has_options)
        return refuse(": it has no -o and no --timeout, send has them", name);
    return true;
}

static void end_reading(void *reading)
{
    reading_end(reading);
}

static int verify(const char *dir, bool json)
{
    struct reading reading;
    reading_begin(&reading, dir);
    return inspect_verify(dir, json, end_reading, &reading);
}

static int run(const struct command *command)
{
    const char *name = command->words[0], *dir = command->words[1];

    if (command->count == 0) {
        fputs(usage, stderr);
        return UNUSABLE;
    }
    if (strcmp(name, "ls") == 0)
        return fits(command, 2, true, false) ? inspect_list(dir, command->json) : UNUSABLE;
    if (strcmp(name, "verify") == 0)
        return fits(command, 2, true, false) ? verify(dir, command->json) : UNUSABLE;
    if (strcmp(name, "cat") == 0)
        return fits(command, 2, false, false) ? inspect_cat(dir) : UNUSABLE;
    if (strcmp(name, "send") == 0)
        return fits(command, 3, false, true)
            ? drain(dir, command->words[2], command->options, command->patience_ms)
            : UNUSABLE;
    /* A word that is no word may be an endpoint with a secret in it. */
    bool is_word = strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name);
    (void)refuse(": ls, verify, cat or send is expected", is_word ? name : "the first word");
    return UNUSABLE;
}

int main(int argc, char **argv)
{
    struct command command = {.options = mona_options_new(), .patience_ms = DRAIN_PATIENCE_MS};
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
    return command_finish(tool) ? verdict : UNUSABLE;
}
