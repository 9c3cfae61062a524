#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

enum {
    DETAIL_CAP = 1024, /* a sentence of libmona */
    NAME_CAP = 64      /* libmona's names are shorter than 20 */
};

static const double MOST_SECONDS = 3600; /* as for every wait of libmona */

void command_complain(const char *tool, const char *what, mona_status status)
{
    char detail[DETAIL_CAP] = "";
    size_t len;
    (void)mona_last_error(detail, sizeof detail, &len);
    const char *sentence = detail[0] != '\0' ? detail : mona_status_text(status);
    if (what != NULL)
        fprintf(stderr, "%s: %s: %s\n", tool, what, sentence);
    else
        fprintf(stderr, "%s: %s\n", tool, sentence);
}

const char *command_value(const char *name, int argc, char **argv, int *i)
{
    size_t len = strlen(name);
    const char *argument = argv[*i];
    if (strncmp(argument, name, len) != 0)
        return NULL;
    if (argument[len] == '\0' && *i + 1 < argc)
        return argv[++*i];
    if (len == 2 && argument[len] != '\0')
        return argument + len;
    return argument[len] == '=' ? argument + len + 1 : NULL;
}

bool command_is_option(const char *word)
{
    char member[NAME_CAP];
    size_t len = strlen(word);
    mona_options *options = mona_options_new();
    mona_client *client;
    bool is_one = false;

    /* A client that does nothing knows them all. */
    if (len > 0 && len + sizeof "\"\":{" <= sizeof member
        && mona_options_set(options, "endpoint", MONA_NTS, "null:", MONA_NTS) == MONA_OK
        && mona_options_set(options, "disable_all", MONA_NTS, "true", MONA_NTS) == MONA_OK
        && mona_options_set(options, "print_logs", MONA_NTS, "false", MONA_NTS) == MONA_OK
        && mona_client_new(options, &client) == MONA_OK) {
        char *description = describe_client(client);
        snprintf(member, sizeof member, "\"%s\":{", word);
        is_one = description != NULL && strstr(description, member) != NULL;
        free(description);
        mona_client_free(client);
    }
    mona_options_free(options);
    return is_one;
}

bool command_set(const char *tool, mona_options *options, const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL && command_is_option(pair)) {
        fprintf(stderr, "%s: -o %s: without \"=\" and a value, -o %s=VALUE is expected\n", tool, pair, pair);
        return false;
    }
    if (equals == NULL || equals == pair) {
        /* Not the text: it may be a value, and a secret. */
        fprintf(stderr, "%s: -o: a text without a name and \"=\", NAME=VALUE is expected\n", tool);
        return false;
    }
    mona_status status = mona_options_set(options, pair, (size_t)(equals - pair), equals + 1, MONA_NTS);
    if (status != MONA_OK)
        command_complain(tool, "-o", status);
    return status == MONA_OK;
}

bool command_seconds(const char *tool, const char *name, const char *text, uint32_t *milliseconds)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0.001 && seconds <= MOST_SECONDS)) {
        fprintf(stderr, "%s: %s: \"%s\", seconds from 0.001 to 3600 are expected\n", tool, name, text);
        return false;
    }
    *milliseconds = (uint32_t)(seconds * 1000);
    return true;
}

void command_version(const char *tool)
{
    printf("%s, libmona %s (ABI %" PRIu32 ")\n", tool, mona_version(), mona_abi_version());
}

bool command_finish(const char *tool)
{
    bool is_written = fflush(stdout) == 0 && !ferror(stdout);
    if (!is_written)
        fprintf(stderr, "%s: standard output cannot be written\n", tool);
    return is_written;
}
