#define _POSIX_C_SOURCE 200809L /* access, statvfs */

#include "spooled.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "amounts.h"
#include "json.h"
#include "place.h"
#include "report.h"
#include "terminal.h"

enum {
    WORD_CAP = 32, /* a number, a source */
    LABEL_WIDTH = 20 /* "of running programs" */
};

/* The free bytes of the disk that `dir` is on, or will be on once it is made. */
static bool look_at_disk(const char *dir, uint64_t *bytes)
{
    struct statvfs disk;
    char path[SPOOLED_TEXT_CAP];

    snprintf(path, sizeof path, "%s", dir);
    while (statvfs(path, &disk) != 0) {
        char *slash = strrchr(path, '/');
        if (errno != ENOENT || strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
            return false;
        if (slash == NULL)
            snprintf(path, sizeof path, ".");
        else
            /* The root keeps its slash. */
            slash[slash == path ? 1 : 0] = '\0';
    }
    /* Some file systems have no blocks, and say nothing. */
    if (disk.f_blocks == 0)
        return false;
    *bytes = (uint64_t)(geteuid() == 0 ? disk.f_bfree : disk.f_bavail) * disk.f_frsize;
    return true;
}

void spooled_look(const char *description, struct spooled *spooled)
{
    char number[WORD_CAP], source[WORD_CAP], why[SPOOLED_TEXT_CAP - LABEL_WIDTH * 2];
    size_t len = strlen(description);

    *spooled = (struct spooled){.is_there = true};
    report_find(description, len, "spool_dir", spooled->dir, sizeof spooled->dir, source, sizeof source);
    spooled->is_wanted = spooled->dir[0] != '\0';
    if (!spooled->is_wanted)
        return;
    report_find(description, len, "spool_bytes", number, sizeof number, source, sizeof source);
    spooled->most_bytes = strtoull(number, NULL, 10);
    spooled->has_disk = look_at_disk(spooled->dir, &spooled->free_bytes);
    if (access(spooled->dir, F_OK) != 0 && errno == ENOENT) {
        spooled->is_there = false;
        if (!place_takes_spool(spooled->dir, why, sizeof why))
            snprintf(spooled->error, sizeof spooled->error, "not there, and no spool: %s", why);
        return;
    }
    mona_status status = inspect_look(spooled->dir, &spooled->ended, &spooled->owned);
    if (status != MONA_OK) {
        (void)mona_last_error(spooled->error, sizeof spooled->error, &len);
        if (spooled->error[0] == '\0')
            snprintf(spooled->error, sizeof spooled->error, "%s", mona_status_text(status));
    } else if (!place_takes_spool(spooled->dir, why, sizeof why)) {
        snprintf(spooled->error, sizeof spooled->error, "no spool: %s", why);
    }
}

static uint64_t room_left(const struct spooled *spooled)
{
    uint64_t used = spooled->ended.bytes + spooled->owned.bytes;
    return spooled->most_bytes > used ? spooled->most_bytes - used : 0;
}

static bool is_tight(const struct spooled *spooled)
{
    return spooled->has_disk && spooled->free_bytes < room_left(spooled);
}

bool spooled_warns(const struct spooled *spooled)
{
    return spooled->is_wanted && (spooled->error[0] != '\0' || is_tight(spooled));
}

static void put_label(const char *label)
{
    printf("  ");
    terminal_padded(label, LABEL_WIDTH);
}

static void put_held(const char *label, const struct held *held)
{
    char age[WORD_CAP];

    put_label(label);
    inspect_put_held(held);
    if (held->segments > 0) {
        amounts_put_age(age, sizeof age, held->age_seconds);
        printf(", the oldest %s old", age);
    }
    putchar('\n');
}

/* What lies there, where nothing does, and what its disk takes, in one line. */
static void put_disk(const struct spooled *spooled)
{
    char free_text[WORD_CAP], most[WORD_CAP], text[SPOOLED_TEXT_CAP] = "";
    const char *held = !spooled->is_there ? "not there yet"
        : spooled->owned.instances + spooled->ended.instances == 0 && spooled->error[0] == '\0' ? "empty"
                                                                                               : "";
    const char *comma = held[0] != '\0' ? "; " : "";

    amounts_put_size(free_text, sizeof free_text, spooled->free_bytes);
    amounts_put_size(most, sizeof most, spooled->most_bytes);
    if (!spooled->has_disk)
        snprintf(text, sizeof text, "%s", held);
    else if (is_tight(spooled))
        snprintf(text, sizeof text, "%s%sONLY %s free on its disk, less than spool_bytes lets it grow (%s in all)", held,
                 comma, free_text, most);
    else
        snprintf(text, sizeof text, "%s%s%s free on its disk; spool_bytes allows %s", held, comma, free_text, most);
    if (text[0] == '\0')
        return;
    printf("  %s", is_tight(spooled) ? terminal_colour("\033[33m") : "");
    terminal_wrapped(stdout, text, 2, 2);
    printf("%s", terminal_plain());
}

void spooled_show(const struct spooled *spooled)
{
    char headline[SPOOLED_TEXT_CAP + LABEL_WIDTH + 3];

    if (!spooled->is_wanted)
        return;
    snprintf(headline, sizeof headline, "%-*s%s", LABEL_WIDTH + 2, "Spool", spooled->dir);
    report_headline(headline);
    if (spooled->error[0] != '\0') {
        printf("  %s", terminal_colour("\033[33m"));
        terminal_wrapped(stdout, spooled->error, 2, 2);
        printf("%s", terminal_plain());
    }
    if (spooled->owned.instances > 0)
        put_held("of running programs", &spooled->owned);
    if (spooled->ended.instances > 0)
        put_held("of ended programs", &spooled->ended);
    if (spooled->is_there || spooled->error[0] == '\0')
        put_disk(spooled);
}

static void held_json(const char *name, const struct held *held)
{
    printf("\"%s\":{\"instances\":%u,\"segments\":%" PRIu64 ",\"events\":%" PRIu64 ",\"bytes\":%" PRIu64
           ",\"age_seconds\":",
           name, held->instances, held->segments, held->events, held->bytes);
    if (held->segments > 0)
        printf("%" PRIu64 "}", held->age_seconds);
    else
        printf("null}");
}

void spooled_json(const struct spooled *spooled)
{
    if (!spooled->is_wanted) {
        printf("null");
        return;
    }
    printf("{\"folder\":");
    json_put_text(stdout, spooled->dir);
    printf(",\"exists\":%s,\"error\":", spooled->is_there ? "true" : "false");
    if (spooled->error[0] != '\0')
        json_put_text(stdout, spooled->error);
    else
        printf("null");
    putchar(',');
    held_json("running", &spooled->owned);
    putchar(',');
    held_json("ended", &spooled->ended);
    printf(",\"free_bytes\":");
    if (spooled->has_disk)
        printf("%" PRIu64 "}", spooled->free_bytes);
    else
        printf("null}");
}
