#include "wanted.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hints.h"

enum {
    DEFAULT_TIMEOUT_MS = 15000, /* more than connect_timeout_ms and io_timeout_ms one after the other */
    DEFAULT_PAUSE_MS = 5000,    /* often enough for a person, seldom enough for a collector */
    MOST_LETTERS = 24           /* of an argument that is compared or shown; the longest known one has nine */
};

static const char tool[] = "mona-doctor";

static const char usage_line[]
    = "usage: mona-doctor [-o NAME=VALUE]... [--all] [--watch [SECONDS]] [--json] [--timeout SECONDS]\n";

const char wanted_usage[] =
    "usage: mona-doctor [-o NAME=VALUE]... [--all] [--watch [SECONDS]] [--json]\n"
    "                   [--timeout SECONDS]\n"
    "\n"
    "Tries the way to the collector without sending an event, and shows the options that\n"
    "are set. They come from the environment (MONA_ENDPOINT and others) and the config\n"
    "file (MONA_CONFIG_FILE), as for every program with libmona.\n"
    "\n"
    "  -o NAME=VALUE      set an option; secrets are safer in the environment, where other\n"
    "                     users of this machine do not see them\n"
    "  --all              show every option and every step, and log lines of all levels\n"
    "  --watch [SECONDS]  look again every so many seconds (5), until Ctrl-C\n"
    "  --json             print libmona's own report, for programs\n"
    "  --timeout SECONDS  the longest time for the check (15)\n"
    "  --version          print the version of the library\n"
    "  --help             print this\n"
    "\n"
    "mona-doctor(1) has every hint. doctor.md explains each step and what else is shown; it\n"
    "lies in " HINTS_DOCUMENTS " of where libmona was installed, in Debian in\n"
    HINTS_DOCUMENTS_DEBIAN ".\n"
    "\n"
    "Exit status: 0 every step succeeded, 1 one failed, 2 no check could be made.\n";

static const char *const known[]
    = {"-o", "--option", "--all", "--watch", "--json", "--timeout", "--version", "--help"};

static size_t least(size_t one, size_t two)
{
    return one < two ? one : two;
}

/* How many letters have to be changed, added or taken away to make one text the other (Levenshtein). */
static size_t distance(const char *one, const char *two)
{
    size_t row[MOST_LETTERS + 1], columns = strlen(two);

    for (size_t i = 0; i <= columns; i++)
        row[i] = i;
    for (size_t i = 0; one[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            size_t above = row[j + 1];
            row[j + 1] = least(least(above, row[j]) + 1, diagonal + (one[i] != two[j]));
            diagonal = above;
        }
    }
    return row[columns];
}

/* The known argument that is most like an unknown one, or NULL. */
static const char *nearest(const char *name)
{
    const char *found = NULL;
    size_t nearness = MOST_LETTERS;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i]) == 0)
            return known[i];
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t changes = distance(name, known[i]);
        /* Less than half of its letters differ, or it is another word. */
        if (changes < nearness && 2 * changes + strlen("--") < strlen(known[i])) {
            found = known[i];
            nearness = changes;
        }
    }
    return found;
}

/* The known argument that a word is without its dashes, or NULL. */
static const char *dashed(const char *word)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i] + strspn(known[i], "-"), word) == 0 && word[1] != '\0')
            return known[i];
    }
    return NULL;
}

/* Whether a URL begins here, with a scheme of `len` letters: a secret has other characters, or none of these behind. */
static bool is_url(const char *argument, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+";
    return len > 0 && strspn(argument, letters) == len && strncmp(argument + len, "://", 3) == 0;
}

/*
 * Says what is wrong with the argument at this place, as far as it can be shown: what follows a "=" or a colon may be a
 * secret, and any word that is no name of ours, with a "=" too, as base64 ends with it.
 */
static bool refuse(const char *argument, int place)
{
    char name[MOST_LETTERS + 1];
    size_t len = strcspn(argument, "=:/@");
    snprintf(name, sizeof name, "%.*s", (int)least(len, MOST_LETTERS), argument);

    const char *near = nearest(name);
    if (is_url(argument, len))
        fprintf(stderr, "%s: %s:...: an endpoint is given as -o endpoint=%s:...\n", tool, name, name);
    else if (argument[0] != '-' && argument[len] == '=' && command_is_option(name))
        fprintf(stderr, "%s: %s=...: an option is given as -o %s=...\n", tool, name, name);
    else if (argument[0] != '-' && dashed(argument) != NULL)
        fprintf(stderr, "%s: %s: a word that means nothing here (did you mean %s?)\n", tool, argument, dashed(argument));
    else if (argument[0] != '-' && command_is_option(argument))
        fprintf(stderr, "%s: %s: an option is given as -o %s=VALUE\n", tool, argument, argument);
    else if (argument[0] != '-')
        fprintf(stderr, "%s: argument %d: a word that means nothing here, arguments with - or -- are expected\n", tool,
                place);
    else if (near != NULL && strcmp(near, name) == 0)
        fprintf(stderr, "%s: %s: %s\n", tool, name,
                strcmp(name, "-o") == 0 || strcmp(name, "--option") == 0 ? "NAME=VALUE is expected behind it"
                    : strcmp(name, "--timeout") == 0                     ? "seconds are expected behind it"
                                                                         : "it takes no value");
    else if (near != NULL)
        fprintf(stderr, "%s: %s: no such argument (did you mean %s?)\n", tool, name, near);
    else
        fprintf(stderr, "%s: %s: no such argument\n", tool, name);
    fprintf(stderr, "%s%s --help says more.\n", usage_line, tool);
    return false;
}

/* Whether the next argument is the number of --watch, which may have none. */
static bool has_number(int argc, char **argv, int i)
{
    return i + 1 < argc && (isdigit((unsigned char)argv[i + 1][0]) || argv[i + 1][0] == '.');
}

/* Whether an argument begins as one of ours does, so that it is no value that was meant for the one before. */
static bool is_known(const char *argument)
{
    char name[MOST_LETTERS + 1];
    size_t len = strcspn(argument, "=");

    if (len > MOST_LETTERS)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)len, argument);
    const char *near = nearest(name);
    return near != NULL && strcmp(near, name) == 0;
}

/* Whether an argument is a word that may be a value, and nothing that stands for itself. */
static bool is_bare(const char *argument)
{
    return argument[0] != '-' && strpbrk(argument, "=:") == NULL;
}

/* Says what is wrong with the word behind an argument, without the word: it may be a secret. */
static bool refuse_word(const char *before, const char *name, const char *expected)
{
    fprintf(stderr, "%s: %s%s: a word behind it, %s\n%s%s --help says more.\n", tool, before, name, expected, usage_line,
            tool);
    return false;
}

bool wanted_read(int argc, char **argv, struct wanted *wanted)
{
    *wanted = (struct wanted){.timeout_ms = DEFAULT_TIMEOUT_MS, .pause_ms = DEFAULT_PAUSE_MS};
    wanted->pairs = calloc((size_t)argc, sizeof *wanted->pairs);
    if (wanted->pairs == NULL)
        return false;
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i], *value;
        if (strcmp(argument, "--json") == 0) {
            wanted->json = true;
        } else if (strcmp(argument, "--all") == 0) {
            wanted->all = true;
        } else if (strcmp(argument, "--version") == 0) {
            wanted->what = WANTED_VERSION;
        } else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            wanted->what = WANTED_HELP;
        } else if (strcmp(argument, "--watch") == 0 && !has_number(argc, argv, i)) {
            wanted->watches = true;
            if (i + 1 < argc && is_bare(argv[i + 1]))
                return refuse_word("--watch", "", "seconds from 0.001 to 3600 are expected");
        } else if ((value = command_value("--watch", argc, argv, &i)) != NULL) {
            wanted->watches = true;
            if (!command_seconds(tool, "--watch", value, &wanted->pause_ms))
                return false;
        } else if ((value = command_value("-o", argc, argv, &i)) != NULL
                   || (value = command_value("--option", argc, argv, &i)) != NULL) {
            wanted->pairs[wanted->pair_count++] = value;
            /* It may be the value, whatever characters it has. */
            if (strchr(value, '=') == NULL && i + 1 < argc && !is_known(argv[i + 1]))
                return refuse_word("-o ", command_is_option(value) ? value : "NAME", "\"=\" and a value are expected");
        } else if ((value = command_value("--timeout", argc, argv, &i)) != NULL) {
            if (!command_seconds(tool, "--timeout", value, &wanted->timeout_ms))
                return false;
        } else {
            return refuse(argument, i);
        }
    }
    return true;
}
