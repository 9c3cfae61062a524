#define _POSIX_C_SOURCE 200809L /* clock_gettime, isatty */
#define _DEFAULT_SOURCE         /* struct winsize */
#define _DARWIN_C_SOURCE        /* the same on macOS */

#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

enum {
    WORDS_CAP = 128, /* three numbers of 20 digits each and a time */
    LINE_CAP = 256,
    NARROWEST_BAR = 6, /* a shorter one shows nothing */
    WIDEST_BAR = 40,   /* a longer one shows no more */
    LONGEST_WAIT = 359999 /* seconds: 99:59:59, which stands for more */
};

static const double BETWEEN_BARS = 0.2;   /* seconds; faster than the eye takes it in costs only time */
static const double BETWEEN_LINES = 10;   /* seconds; a log of an hour stays readable */
static const double MEMORY_OF_RATE = 5;   /* seconds */

double progress_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_begin(struct progress *progress, uint64_t done)
{
    const char *kind = getenv("TERM");
    double now = progress_now();
    *progress = (struct progress){
        .on_terminal = isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0,
        .last_shown = now,
        .last_measured = now,
        .last_done = done,
    };
}

static void measure(struct progress *progress, double now, uint64_t done)
{
    double passed = now - progress->last_measured;
    if (passed <= 0)
        return;
    double rate = done > progress->last_done ? (double)(done - progress->last_done) / passed : 0;
    /* What is old counts less and less; at first there is nothing old. */
    double weight = progress->rate > 0 ? passed / (passed + MEMORY_OF_RATE) : 1;
    progress->rate += (rate - progress->rate) * weight;
    progress->last_measured = now;
    progress->last_done = done;
}

static void put_wait(char *text, size_t cap, double seconds)
{
    long left = seconds < LONGEST_WAIT ? (long)(seconds + 0.5) : LONGEST_WAIT;
    if (left >= 3600)
        snprintf(text, cap, ", %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
    else
        snprintf(text, cap, ", %ld:%02ld left", left / 60, left % 60);
}

/* What there is to say in words. */
static void describe(const struct progress *progress, uint64_t done, uint64_t total, char *text, size_t cap)
{
    char wait[32] = "";
    if (progress->rate >= 1 && done < total)
        put_wait(wait, sizeof wait, (double)(total - done) / progress->rate);
    snprintf(text, cap, "%" PRIu64 " of %" PRIu64 " events, %.0f/s%s", done, total, progress->rate, wait);
}

static int columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return TERMINAL_COLUMNS;
}

static void put_bar(struct progress *progress, uint64_t done, uint64_t total, const char *words)
{
    char bar[WIDEST_BAR + 1];
    char line[LINE_CAP];
    int share = total > 0 ? (int)(100.0 * (double)done / (double)total) : 100;
    /* The last column stays free: a terminal may begin a new line behind it. */
    int room = columns() - 1;
    int width = room - (int)strlen(words) - (int)strlen("[] 100 %  ");

    if (width > WIDEST_BAR)
        width = WIDEST_BAR;
    if (width >= NARROWEST_BAR) {
        int full = total > 0 ? (int)(width * ((double)done / (double)total)) : width;
        memset(bar, ' ', (size_t)width);
        memset(bar, '#', (size_t)(full < width ? full : width));
        bar[width] = '\0';
        snprintf(line, sizeof line, "[%s] %3d %%  %s", bar, share, words);
    } else {
        snprintf(line, sizeof line, "%3d %%  %s", share, words);
    }
    int len = (int)strlen(line) < room ? (int)strlen(line) : room;
    int blank = progress->columns_used > len ? progress->columns_used - len : 0;
    fprintf(stderr, "\r%.*s%*s", len, line, blank, "");
    progress->columns_used = len;
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
    double now = progress_now();
    double between = progress->on_terminal ? BETWEEN_BARS : BETWEEN_LINES;
    char words[WORDS_CAP];

    if (done > total)
        total = done;
    if (now - progress->last_measured >= 0.5)
        measure(progress, now, done);
    if (now - progress->last_shown < between && !(progress->on_terminal && progress->columns_used == 0))
        return;
    progress->last_shown = now;
    describe(progress, done, total, words, sizeof words);
    if (progress->on_terminal)
        put_bar(progress, done, total, words);
    else
        fprintf(stderr, "%s\n", words);
}

void progress_clear(struct progress *progress)
{
    if (progress->columns_used == 0)
        return;
    fprintf(stderr, "\r%*s\r", progress->columns_used, "");
    progress->columns_used = 0;
}
