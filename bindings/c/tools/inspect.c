#include "inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amounts.h"
#include "command.h"
#include "json.h"
#include "terminal.h"

enum {
    WELL = 0,
    DAMAGED = 1,
    UNUSABLE = 2,
    FIRST_CAP = 256 * 1024, /* a chunk at its default size as JSON, or the report of a thousand instances */
    NAME_CAP = 64,          /* libmona's names are shorter than 20 */
    TEXT_CAP = 1024         /* a sentence */
};

static const char tool[] = "mona-spool";

/* Text of libmona, and the room for it, for free(). */
struct text {
    char *bytes;
    size_t cap;
    size_t len;
};

static bool has_room(struct text *text, size_t cap)
{
    if (cap <= text->cap)
        return true;
    char *bytes = realloc(text->bytes, cap);
    if (bytes == NULL) {
        fprintf(stderr, "%s: %zu bytes of memory are missing\n", tool, cap);
        return false;
    }
    text->bytes = bytes;
    text->cap = cap;
    return true;
}

typedef mona_status reporter(const char *dir, size_t dir_len, char *buf, size_t cap, size_t *len);

/* A report about a whole spool. */
static mona_status look(reporter *report, const char *dir, struct text *text)
{
    mona_status status = MONA_E_TRUNCATED;

    *text = (struct text){0};
    text->len = FIRST_CAP - 1;
    /* It may have grown since: then once more. */
    while (status == MONA_E_TRUNCATED && has_room(text, text->len + 1))
        status = report(dir, MONA_NTS, text->bytes, text->cap, &text->len);
    return status;
}

/* The same, which says on standard error why there is none. */
static bool take_report(reporter *report, const char *dir, struct text *text)
{
    mona_status status = look(report, dir, text);
    if (status != MONA_OK)
        command_complain(tool, NULL, status);
    return status == MONA_OK;
}

static bool is_readable(const struct json *json)
{
    if (json->error != NULL)
        fprintf(stderr, "%s: the report of the library cannot be read: %s\n", tool, json->error);
    return json->error == NULL;
}

static bool fails(struct text *text)
{
    free(text->bytes);
    return false;
}

struct instance {
    char name[NAME_CAP];
    char owned[NAME_CAP]; /* true, false */
    uint64_t segments;
    uint64_t events;
    uint64_t bytes;
    uint64_t age_seconds;
};

/* Takes the next instance of a list. Returns whether there was one. */
static bool read_instance(struct json *json, struct instance *instance)
{
    char name[NAME_CAP], value[TEXT_CAP];

    *instance = (struct instance){.segments = 0};
    if (!json_more(json, ']'))
        return false;
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        json_value(json, value, sizeof value);
        if (strcmp(name, "instance") == 0)
            snprintf(instance->name, sizeof instance->name, "%.*s", NAME_CAP - 1, value);
        else if (strcmp(name, "owned") == 0)
            snprintf(instance->owned, sizeof instance->owned, "%.*s", NAME_CAP - 1, value);
        else if (strcmp(name, "segments") == 0)
            instance->segments = strtoull(value, NULL, 10);
        else if (strcmp(name, "events") == 0)
            instance->events = strtoull(value, NULL, 10);
        else if (strcmp(name, "bytes") == 0)
            instance->bytes = strtoull(value, NULL, 10);
        else if (strcmp(name, "age_seconds") == 0)
            instance->age_seconds = strtoull(value, NULL, 10);
    }
    return json->error == NULL;
}

static bool is_owned(const struct instance *instance)
{
    return strcmp(instance->owned, "true") == 0;
}

static void add(struct held *held, const struct instance *instance)
{
    held->instances++;
    held->segments += instance->segments;
    held->events += instance->events;
    held->bytes += instance->bytes;
    /* One without segments has no events, and so no age. */
    if (instance->segments > 0 && instance->age_seconds > held->age_seconds)
        held->age_seconds = instance->age_seconds;
}

static const char *ending(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void inspect_put_held(const struct held *held)
{
    char size[NAME_CAP];
    amounts_put_size(size, sizeof size, held->bytes);
    printf("%u instance%s, %" PRIu64 " segment%s, %" PRIu64 " event%s, %s", held->instances, ending(held->instances),
           held->segments, ending(held->segments), held->events, ending(held->events), size);
}

static void put_instance(const struct instance *instance)
{
    char size[NAME_CAP], age[NAME_CAP];

    amounts_put_size(size, sizeof size, instance->bytes);
    amounts_put_age(age, sizeof age, instance->age_seconds);
    terminal_padded(instance->name, 36);
    printf(" %8" PRIu64 " %10" PRIu64 " %8s %4s  %s\n", instance->segments, instance->events, size,
           instance->segments > 0 ? age : "-", is_owned(instance) ? "running" : "ended");
}

static bool put_list(const struct text *report)
{
    struct json json;
    struct instance instance;
    struct held held = {0};

    json_begin(&json, report->bytes, report->len);
    json_enter(&json, '[');
    while (read_instance(&json, &instance)) {
        if (held.instances == 0)
            printf("%s%-36s %8s %10s %8s %4s  %s%s\n", terminal_colour("\033[1m"), "instance", "segments", "events",
                   "size", "age", "owner", terminal_plain());
        put_instance(&instance);
        add(&held, &instance);
    }
    if (json_ended(&json) && held.instances > 0)
        putchar('\n');
    inspect_put_held(&held);
    putchar('\n');
    return is_readable(&json);
}

int inspect_list(const char *dir, bool json)
{
    struct text report;
    if (!take_report(mona_spool_list, dir, &report))
        return fails(&report), UNUSABLE;
    bool well = true;
    if (json)
        printf("%s\n", report.bytes);
    else
        well = put_list(&report);
    free(report.bytes);
    return well ? WELL : UNUSABLE;
}

mona_status inspect_look(const char *dir, struct held *ended, struct held *owned)
{
    struct text report;
    struct json json;
    struct instance instance;

    *ended = (struct held){0};
    *owned = (struct held){0};
    mona_status status = look(mona_spool_list, dir, &report);
    if (status == MONA_OK) {
        json_begin(&json, report.bytes, report.len);
        json_enter(&json, '[');
        while (read_instance(&json, &instance))
            add(is_owned(&instance) ? owned : ended, &instance);
        if (!json_ended(&json) && !is_readable(&json))
            status = MONA_E_JSON;
    }
    free(report.bytes);
    return status;
}

bool inspect_sum(const char *dir, struct held *ended, struct held *owned)
{
    mona_status status = inspect_look(dir, ended, owned);
    if (status != MONA_OK && status != MONA_E_JSON)
        command_complain(tool, NULL, status);
    return status == MONA_OK;
}

/* Prints what is wrong with one thing. */
static void put_damage(struct json *json)
{
    char name[NAME_CAP], value[TEXT_CAP], file[TEXT_CAP] = "", sentence[TEXT_CAP] = "";

    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        json_value(json, value, sizeof value);
        if (strcmp(name, "file") == 0)
            memcpy(file, value, sizeof file);
        else if (strcmp(name, "error") == 0)
            memcpy(sentence, value, sizeof sentence);
    }
    if (json->error != NULL)
        return;
    terminal_text(stdout, file, file + strlen(file));
    printf(": ");
    terminal_text(stdout, sentence, sentence + strlen(sentence));
    putchar('\n');
}

static int put_verdict(const struct text *report)
{
    struct json json;
    struct held held = {0};
    char name[NAME_CAP], value[TEXT_CAP];
    uint64_t damaged = 0;

    json_begin(&json, report->bytes, report->len);
    json_enter(&json, '{');
    while (json_more(&json, '}') && json_name(&json, name, sizeof name)) {
        if (strcmp(name, "damage") == 0) {
            json_enter(&json, '[');
            while (json_more(&json, ']'))
                put_damage(&json);
            continue;
        }
        json_value(&json, value, sizeof value);
        uint64_t number = strtoull(value, NULL, 10);
        if (strcmp(name, "instances") == 0)
            held.instances = (unsigned)number;
        else if (strcmp(name, "segments") == 0)
            held.segments = number;
        else if (strcmp(name, "events") == 0)
            held.events = number;
        else if (strcmp(name, "bytes") == 0)
            held.bytes = number;
        else if (strcmp(name, "damaged") == 0)
            damaged = number;
    }
    if (!json_ended(&json)) {
        (void)is_readable(&json);
        return UNUSABLE;
    }
    inspect_put_held(&held);
    if (damaged == 0)
        printf(": %sclean%s\n", terminal_colour("\033[32m"), terminal_plain());
    else
        printf(": %s%" PRIu64 " damaged place%s%s\n", terminal_colour("\033[1;31m"), damaged, ending(damaged),
               terminal_plain());
    return damaged == 0 ? WELL : DAMAGED;
}

/* Whether a report of mona_spool_verify() names damage. */
static int verdict_of(const struct text *report)
{
    struct json json;
    char name[NAME_CAP], value[TEXT_CAP];
    uint64_t damaged = 0;

    json_begin(&json, report->bytes, report->len);
    json_enter(&json, '{');
    while (json_more(&json, '}') && json_name(&json, name, sizeof name)) {
        json_value(&json, value, sizeof value);
        if (strcmp(name, "damaged") == 0)
            damaged = strtoull(value, NULL, 10);
    }
    return damaged == 0 ? WELL : DAMAGED;
}

int inspect_verify(const char *dir, bool json, inspect_when_read *when_read, void *whose)
{
    struct text report;
    mona_status status = look(mona_spool_verify, dir, &report);
    when_read(whose);
    if (status != MONA_OK) {
        command_complain(tool, NULL, status);
        return fails(&report), UNUSABLE;
    }
    int verdict;
    if (json) {
        printf("%s\n", report.bytes);
        verdict = verdict_of(&report);
    } else {
        verdict = put_verdict(&report);
    }
    free(report.bytes);
    return verdict;
}

/*
 * Prints the records of a chunk, which follow its first line, and keeps its place, which stands there. Returns whether
 * there is one to go on from; `is_whole` gets false where a chunk has no records that can be read.
 */
static bool put_records(const struct text *chunk, char *place, size_t cap, bool *is_whole)
{
    struct json json;
    char name[NAME_CAP], value[TEXT_CAP], error[TEXT_CAP] = "";
    const char *first_end = memchr(chunk->bytes, '\n', chunk->len);
    size_t head = first_end != NULL ? (size_t)(first_end - chunk->bytes) : chunk->len;

    place[0] = '\0';
    json_begin(&json, chunk->bytes, head);
    json_enter(&json, '{');
    while (json_more(&json, '}') && json_name(&json, name, sizeof name)) {
        if (strcmp(name, "place") == 0)
            json_value(&json, place, cap);
        else if (strcmp(name, "error") == 0)
            json_value(&json, error, sizeof error);
        else
            json_value(&json, value, sizeof value);
    }
    if (error[0] != '\0') {
        fprintf(stderr, "%s: chunk %s: %s\n", tool, place, error);
        *is_whole = false;
    }
    if (first_end != NULL)
        fwrite(first_end + 1, 1, chunk->len - head - 1, stdout);
    return is_readable(&json) && place[0] != '\0';
}

static bool cat_instance(const char *dir, const char *instance, struct text *chunk, bool *is_whole)
{
    char place[TEXT_CAP];
    snprintf(place, sizeof place, "%s", instance);

    while (!ferror(stdout)) {
        mona_status status
            = mona_spool_read(dir, MONA_NTS, place, MONA_NTS, chunk->bytes, chunk->cap, &chunk->len);
        if (status == MONA_E_NOT_FOUND)
            return true;
        if (status == MONA_E_TRUNCATED && has_room(chunk, chunk->len + 1))
            continue;
        if (status != MONA_OK)
            command_complain(tool, NULL, status);
        if (status != MONA_OK || !put_records(chunk, place, sizeof place, is_whole))
            return false;
    }
    return true;
}

int inspect_cat(const char *dir)
{
    struct text list, chunk = {0};
    struct json json;
    struct instance instance;

    if (!take_report(mona_spool_list, dir, &list))
        return fails(&list), UNUSABLE;
    bool well = has_room(&chunk, FIRST_CAP), is_whole = true;
    json_begin(&json, list.bytes, list.len);
    json_enter(&json, '[');
    while (well && read_instance(&json, &instance))
        well = cat_instance(dir, instance.name, &chunk, &is_whole);
    well = well && is_readable(&json);
    free(list.bytes);
    free(chunk.bytes);
    if (!well)
        return UNUSABLE;
    return is_whole ? WELL : DAMAGED;
}
