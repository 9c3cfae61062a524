/* Percentiles of delays. */
#include "fleet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Values below HISTOGRAM_STEPS have a bucket each; above, each power of two has HISTOGRAM_STEPS of them. */
static size_t bucket_of(uint64_t us)
{
    int power = 0;
    size_t bucket;
    while ((us >> power) >= 2 * HISTOGRAM_STEPS) {
        power++;
    }
    bucket = us < HISTOGRAM_STEPS ? (size_t)us : (size_t)power * HISTOGRAM_STEPS + (size_t)(us >> power);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value of a bucket: a percentile is never told too small. */
static uint64_t most_of(size_t bucket)
{
    size_t power = bucket / HISTOGRAM_STEPS;
    if (power == 0) {
        return bucket;
    }
    power--;
    return ((uint64_t)(bucket - power * HISTOGRAM_STEPS + 1) << power) - 1;
}

void histogram_add(struct histogram *histogram, int64_t ns)
{
    /* Clocks that are set back make delays below zero. */
    uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
    uint64_t most = atomic_load_explicit(&histogram->most, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->buckets[bucket_of(us)], 1, memory_order_relaxed);
    while (us > most && !atomic_compare_exchange_weak(&histogram->most, &most, us)) {
    }
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    size_t n;
    for (n = 0; n < HISTOGRAM_BUCKETS; n++) {
        into->buckets[n] += from->buckets[n];
    }
    into->count += from->count;
    if (from->most > into->most) {
        into->most = from->most;
    }
}

static uint64_t percentile(const struct histogram *histogram, double share)
{
    uint64_t count = histogram->count, seen = 0, most = histogram->most, rank = (uint64_t)(share * (double)count);
    size_t n;
    for (n = 0; n < HISTOGRAM_BUCKETS; n++) {
        seen += histogram->buckets[n];
        if (seen > rank) {
            return most_of(n) < most ? most_of(n) : most;
        }
    }
    return most;
}

/* Nothing that was seen has no percentiles; 0 would be a good one. */
static void print_ms(FILE *out, const struct histogram *histogram, uint64_t us)
{
    if (histogram->count == 0) {
        fprintf(out, "null");
    } else {
        fprintf(out, "%.3f", (double)us / 1e3);
    }
}

void histogram_print(FILE *out, const struct histogram *histogram)
{
    static const struct { const char *name; double share; } shares[] = {
        { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 },
    };
    uint64_t most = histogram->most;
    size_t n;
    fprintf(out, "\"count\":%" PRIu64, (uint64_t)histogram->count);
    for (n = 0; n < sizeof shares / sizeof *shares; n++) {
        fprintf(out, ",\"%s\":", shares[n].name);
        print_ms(out, histogram, percentile(histogram, shares[n].share));
    }
    fprintf(out, ",\"max\":");
    print_ms(out, histogram, most);
}

int delays_of_file(const char *path)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    int64_t sent, received;
    int found;
    if (in == NULL || histogram == NULL) {
        perror(path);
        free(histogram);
        return 2;
    }
    while ((found = fscanf(in, "%" SCNd64 " %" SCNd64, &sent, &received)) == 2) {
        histogram_add(histogram, received - sent);
    }
    if (in != stdin) {
        fclose(in);
    }
    if (found == EOF) {
        printf("{\"delay_ms\":{\"from\":\"export to the consumer's receipt, as its file says\",");
        histogram_print(stdout, histogram);
        printf("}}\n");
    } else {
        fprintf(stderr, "fleet: %s: line %" PRIu64 " is not \"sent_ns received_ns\"\n", path,
                (uint64_t)histogram->count + 1);
    }
    free(histogram);
    return found == EOF ? 0 : 2;
}
