/* Rounds, clocks and lines of the benchmark programs. */
#include "bench.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/stat.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* Ends the program unless it runs on the shared object of that path, and not on the one it was linked with. */
static void expect_library(const char *path)
{
    union {
        const char *(*function)(void);
        void *address;
    } version = { mona_version };
    struct stat wanted, found;
    Dl_info where;
    EXPECT(dladdr(version.address, &where) != 0);
    EXPECT(stat(path, &wanted) == 0 && stat(where.dli_fname, &found) == 0);
    if (wanted.st_dev != found.st_dev || wanted.st_ino != found.st_ino) {
        fprintf(stderr, "%s: not loaded, %s is in its place\n", path, where.dli_fname);
        exit(1);
    }
}

struct asked ask(int argc, char **argv)
{
    static const char usage[] = "[--quick] [--peers FILE] [--spdlog FILE] [--base FILE] [--collector FILE] "
                                "[--library FILE] [--turn WORD...]";
    struct asked asked = { 0, NULL, NULL, NULL, NULL, NULL, argc, argv };
    const char *library = NULL;
    int i;
    for (i = 1; i < argc; i++) {
        const char **file = strcmp(argv[i], "--peers") == 0     ? &asked.peers
                            : strcmp(argv[i], "--spdlog") == 0    ? &asked.spdlog
                            : strcmp(argv[i], "--base") == 0      ? &asked.base
                            : strcmp(argv[i], "--collector") == 0 ? &asked.collector
                            : strcmp(argv[i], "--library") == 0   ? &library
                                                                  : NULL;
        if (strcmp(argv[i], "--quick") == 0) {
            asked.quick = 1;
        } else if (strcmp(argv[i], "--turn") == 0) {
            asked.turn = (const char *const *)argv + i + 1;
            asked.argc = i;
            break;
        } else if (file != NULL && i + 1 < argc) {
            *file = argv[++i];
        } else {
            fprintf(stderr, "%s: unknown, %s is expected\n", argv[i], usage);
            exit(2);
        }
    }
    if (library != NULL) {
        expect_library(library);
    }
    return asked;
}

int place_of(const char *word, const char *const *list, int count)
{
    int at;
    for (at = 0; at < count; at++) {
        if (word != NULL && strcmp(word, list[at]) == 0) {
            return at;
        }
    }
    fprintf(stderr, "%s: not a word of a turn, %s or one like it is expected\n", word == NULL ? "nothing" : word,
            list[0]);
    exit(2);
}

void rounds_add(struct rounds *rounds, double value)
{
    EXPECT(rounds->count < MOST_ROUNDS);
    rounds->value[rounds->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void sort_doubles(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
}

double share_of(const double *sorted, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < count ? below + 1 : below;
    EXPECT(count > 0);
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

double rounds_median(const struct rounds *rounds)
{
    struct rounds sorted = *rounds;
    sort_doubles(sorted.value, (size_t)sorted.count);
    return share_of(sorted.value, (size_t)sorted.count, 0.5);
}

void print_rounds(const char *name, const char *unit, const struct rounds *rounds)
{
    struct rounds sorted = *rounds;
    size_t count = (size_t)sorted.count;
    sort_doubles(sorted.value, count);
    printf("bench name=%s value=%.6g low=%.6g high=%.6g unit=%s rounds=%d\n", name,
           share_of(sorted.value, count, 0.5), share_of(sorted.value, count, 0.25),
           share_of(sorted.value, count, 0.75), unit, rounds->count);
    fflush(stdout);
}

void print_ratio(const char *name, const struct rounds *a, const struct rounds *b)
{
    struct rounds ratios = { 0, { 0 } };
    int i;
    EXPECT(a->count == b->count);
    for (i = 0; i < a->count; i++) {
        rounds_add(&ratios, a->value[i] / b->value[i]);
    }
    print_rounds(name, "x", &ratios);
}

void print_once(const char *name, const char *unit, double value)
{
    struct rounds one = { 0, { 0 } };
    rounds_add(&one, value);
    print_rounds(name, unit, &one);
}

void print_missing(const char *name, const char *why)
{
    printf("missing name=%s why=%s\n", name, why);
    fflush(stdout);
}

double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void sleep_ms(long ms)
{
    struct timespec wait;
    wait.tv_sec = ms / 1000;
    wait.tv_nsec = (ms % 1000) * 1000000;
    while (nanosleep(&wait, &wait) != 0) {
    }
}

double memory_mb(enum memory which)
{
    const char *line = which == RESIDENT ? "VmRSS:" : "VmHWM:";
    char text[256];
    double kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    EXPECT(status != NULL);
    while (fgets(text, sizeof text, status) != NULL) {
        if (strncmp(text, line, strlen(line)) == 0) {
            kb = strtod(text + strlen(line), NULL);
        }
    }
    fclose(status);
    EXPECT(kb >= 0);
    return kb * 1024 / 1e6;
}

uint64_t ticks(void)
{
#if defined(__x86_64__)
    uint64_t now;
    /* Nothing before may still be running when the clock is read, nothing after may have begun. */
    _mm_lfence();
    now = __rdtsc();
    _mm_lfence();
    return now;
#else
    return (uint64_t)now_ns();
#endif
}

double ns_per_tick(void)
{
    double ns = now_ns();
    uint64_t start = ticks();
    sleep_ms(50);
    ns = now_ns() - ns;
    return ns / (double)(ticks() - start);
}

mona_client *client_with(const char *first, ...)
{
    mona_options *options = mona_options_new();
    mona_client *client = NULL;
    const char *name = first, *value;
    va_list more;
    EXPECT(options != NULL);
    va_start(more, first);
    while (name != NULL) {
        value = va_arg(more, const char *);
        EXPECT(mona_options_set(options, name, MONA_NTS, value, MONA_NTS) == MONA_OK);
        name = va_arg(more, const char *);
    }
    va_end(more);
    EXPECT(mona_client_new(options, &client) == MONA_OK);
    mona_options_free(options);
    return client;
}

mona_context *context_of(mona_client *client)
{
    mona_context *context = NULL;
    EXPECT(mona_context_new(client, "image-classifier", MONA_NTS, NULL, 0, MONA_NOW, &context) == MONA_OK);
    return context;
}

mona_stats stats_of(const mona_client *client)
{
    mona_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.size = sizeof stats;
    EXPECT(mona_client_stats(client, &stats) == MONA_OK);
    return stats;
}
