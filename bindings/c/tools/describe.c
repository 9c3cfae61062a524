#include "describe.h"

#include <stdlib.h>

#include "report.h"

/* Options whose value is another one for the look than for programs, which the description has to show. */
static const char *const of_programs[] = {"spool_dir", "print_logs", "log_level"};

char *describe_client(const mona_client *client)
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
    return NULL;
}

char *describe_as_programs(const mona_client *client, const mona_options *as_programs)
{
    mona_client *idle;
    char *description = describe_client(client), *other;

    if (description == NULL || mona_client_new(as_programs, &idle) != MONA_OK)
        return description;
    other = describe_client(idle);
    for (size_t i = 0; other != NULL && i < sizeof of_programs / sizeof of_programs[0]; i++) {
        char *both = report_with_option(description, of_programs[i], other);
        if (both == NULL)
            break;
        free(description);
        description = both;
    }
    free(other);
    mona_client_free(idle);
    return description;
}
