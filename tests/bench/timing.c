#include "timing.h"

enum {
    GAP_NS = 2000,
    /* Share of a closed round that goes first without being timed. */
    WARM_UP = 4,
    /* Twice the last-level cache of this kind of machine. */
    EVICT_BYTES = 64 << 20
};

static struct timed closed(const struct subject *subject, const struct subject *empty, long calls)
{
    struct timed timed = { { 0 } };
    timed.at[FLOOR] = subject_loop(empty, empty->calls);
    timed.at[TYPICAL] = subject_loop(subject, calls) - timed.at[FLOOR];
    return timed;
}

/* The times of `calls` calls, sorted, each begun `gap` ticks after the one before, or later. */
static void pace(const struct subject *subject, double *times, long calls, uint64_t gap)
{
    uint64_t next = ticks();
    long n;
    for (n = 0; n < calls; n++) {
        uint64_t start, end;
        while ((start = ticks()) < next) {
        }
        subject->call(&subject->target, n);
        end = ticks();
        times[n] = (double)(end - start);
        next = (end > next + gap ? end : next) + gap;
    }
    sort_doubles(times, (size_t)calls);
}

static struct timed paced(const struct subject *subject, const struct subject *empty, long calls)
{
    struct timed timed;
    double ns = ns_per_tick();
    size_t count = (size_t)calls;
    double *times = malloc(count * sizeof *times);
    uint64_t gap = (uint64_t)(GAP_NS / ns);
    double clocked = 0;
    size_t i;
    EXPECT(times != NULL);
    /* A virtual machine's clock may move in steps of several nanoseconds, which a mean does not show. */
    pace(empty, times, calls / 10, gap);
    for (i = 0; i < count / 20; i++) {
        clocked += times[i] * ns;
    }
    timed.at[FLOOR] = clocked / (double)(count / 20);
    /* Once unseen, so that buffers have the sizes that this pace asks for. */
    pace(subject, times, calls / 5, gap);
    pace(subject, times, calls, gap);
    timed.at[TYPICAL] = share_of(times, count, 0.5) * ns - timed.at[FLOOR];
    timed.at[P99] = share_of(times, count, 0.99) * ns;
    timed.at[P999] = share_of(times, count, 0.999) * ns;
    timed.at[MOST] = times[count - 1] * ns;
    free(times);
    return timed;
}

/* Walks through more memory than the caches hold. */
static void evict(volatile unsigned char *memory)
{
    size_t at;
    for (at = 0; at < EVICT_BYTES; at += 64) {
        memory[at]++;
    }
}

static struct timed cold(const struct subject *subject, long calls)
{
    struct timed timed = { { 0 } };
    unsigned char *memory = malloc(EVICT_BYTES);
    double *times = malloc(sizeof *times * (size_t)calls);
    double ns = ns_per_tick();
    long n;
    EXPECT(memory != NULL && times != NULL);
    memset(memory, 1, EVICT_BYTES);
    for (n = 0; n < calls; n++) {
        uint64_t start;
        evict(memory);
        start = ticks();
        subject->call(&subject->target, n);
        times[n] = (double)(ticks() - start);
    }
    sort_doubles(times, (size_t)calls);
    timed.at[TYPICAL] = share_of(times, (size_t)calls, 0.5) * ns;
    free(memory);
    free(times);
    return timed;
}

struct timed timed(enum way way, const struct subject *subject, long calls)
{
    struct subject empty = subject_empty();
    struct timed result;
    (void)subject_loop(subject, subject->calls / WARM_UP);
    subject_settle(subject);
    if (calls == 0) {
        calls = subject->calls;
    }
    switch (way) {
    case CLOSED:
        result = closed(subject, &empty, calls);
        break;
    case PACED:
        result = paced(subject, &empty, calls);
        break;
    default:
        result = cold(subject, calls);
        break;
    }
    subject_settle(subject);
    EXPECT(subject_refused() == 0);
    if (subject->target.client != NULL) {
        EXPECT(mona_client_close(subject->target.client, 5000) == MONA_OK);
    }
    return result;
}
