/*
 * mona-doctor: says whether events would reach the collector, and if not, why.
 *
 * It makes a client as a program would, from the environment and the config file, tries the way to every
 * collector without sending an event, and shows the steps, the options that are set with their sources, the spool and
 * the log. Secrets are hidden by libmona before they come here.
 *
 * Exit status: 0 if every step succeeded, 1 if one failed, 2 after a wrong command line, without a client, or if
 * the report could not be written.
 */
#include <mona.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "look.h"
#include "terminal.h"
#include "wanted.h"
#include "watch.h"

enum {
    UNUSABLE = 2
};

static const char tool[] = "mona-doctor";

static int look_once(const void *whose)
{
    const struct wanted *wanted = whose;
    int verdict = look_and_show(wanted);
    return command_finish(tool) ? verdict : UNUSABLE;
}

static int run(const struct wanted *wanted)
{
    const struct watch watch = {
        .look = look_once,
        .whose = wanted,
        .pause_ms = wanted->pause_ms,
        .in_place = terminal_is_one() && !wanted->json,
        .without = UNUSABLE,
    };
    return wanted->watches ? watch_run(&watch) : look_once(wanted);
}

int main(int argc, char **argv)
{
    struct wanted wanted;
    int verdict = UNUSABLE;

    if (wanted_read(argc, argv, &wanted)) {
        switch (wanted.what) {
        case WANTED_VERSION:
            command_version(tool);
            verdict = command_finish(tool) ? 0 : UNUSABLE;
            break;
        case WANTED_HELP:
            fputs(wanted_usage, stdout);
            verdict = command_finish(tool) ? 0 : UNUSABLE;
            break;
        default:
            verdict = run(&wanted);
        }
    }
    free(wanted.pairs);
    return verdict;
}
