/* The events that are exported: the typical one and the large one of the targets, as JSON and as fields. */
#ifndef MONA_BENCH_EVENT_H
#define MONA_BENCH_EVENT_H

#include "bench.h"

/* 118 bytes, 7 fields. */
#define TYPICAL_JSON                                                                                   \
    "{\"model\":\"resnet50-v3\",\"confidence\":0.9731,\"latency_ms\":12.5,\"label\":\"cat\",\"batch\":32," \
    "\"country\":\"IL\",\"is_mobile\":true}"
enum { TYPICAL_LEN = sizeof TYPICAL_JSON - 1 };

/* The same by the macros of mona.h, as a program in C would write it. */
#define TYPICAL_FIELDS(confidence, latency_ms, batch)                                              \
    MONA_STR("model", "resnet50-v3"), MONA_F64("confidence", (confidence)),                        \
        MONA_F64("latency_ms", (latency_ms)), MONA_STR("label", "cat"), MONA_I64("batch", (batch)), \
        MONA_STR("country", "IL"), MONA_BOOL("is_mobile", 1)

enum { TYPICAL_FIELD_COUNT = 7 };

/* Values that change from call to call, as they do in a program. */
static inline double confidence_of(long n)
{
    return 0.9 + (double)(n & 1023) * 1e-5;
}

static inline double latency_of(long n)
{
    return 12.5 + (double)(n & 63);
}

/* Writes the typical event with the field of this number, counted from 0, as its last one, and a NUL. */
void typical_json_make(char json[TYPICAL_LEN + 1], int last);

enum { LARGE_FIELDS = 60, LARGE_ROOM = 4096 };

/* The large event: 60 fields, about 2.3 kB of JSON. */
struct large_event {
    char json[LARGE_ROOM];
    size_t json_len;
    mona_field fields[LARGE_FIELDS];
    char keys[LARGE_FIELDS][40];
    char texts[LARGE_FIELDS][64];
};

void large_event_make(struct large_event *event);

#endif
