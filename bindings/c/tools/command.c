#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DETAIL_CAP = 1024 /* a sentence of libmona */
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

bool command_set(const char *tool, mona_options *options, const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair) {
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
