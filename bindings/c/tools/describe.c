#include "describe.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

enum {
    NAME_CAP = 64, /* libmona's names are shorter than 20 */
    WORD_CAP = 32  /* a value that is passed over; a longer one is cut */
};

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

/*
 * A description with the option `name` as it is in another one, for free(). NULL where one of them has no such option,
 * or where memory is missing.
 */
static char *with_option(const char *description, const char *name, const char *other)
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

char *describe_as_programs(const mona_client *client, const mona_options *as_programs)
{
    mona_client *idle;
    char *description = describe_client(client), *other;

    if (description == NULL || mona_client_new(as_programs, &idle) != MONA_OK)
        return description;
    other = describe_client(idle);
    for (size_t i = 0; other != NULL && i < sizeof of_programs / sizeof of_programs[0]; i++) {
        char *both = with_option(description, of_programs[i], other);
        if (both == NULL)
            break;
        free(description);
        description = both;
    }
    free(other);
    mona_client_free(idle);
    return description;
}
