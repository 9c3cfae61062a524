/*
 * What is called in a loop and compared: libmona typed and with JSON, the peers, and an empty call. Every
 * subject is called in the same way, through a pointer; what that costs is what the empty call costs, and
 * is taken off.
 */
#ifndef MONA_BENCH_SUBJECT_H
#define MONA_BENCH_SUBJECT_H

#include "bench.h"
#include "event.h"

/* What a subject calls; each uses its part. */
struct target {
    mona_client *client;
    mona_context *context;
    const struct large_event *large;
    char json[TYPICAL_LEN + 1];
    void *peer;
    union {
        int32_t (*json)(void *peer, const char *json, size_t json_len);
        void (*line)(void *peer, double confidence, double latency_ms, int64_t batch);
    } peer_call;
    void (*peer_settle)(void *peer);
};

struct subject {
    /* Exports the `n`th event. */
    void (*call)(const struct target *target, long n);
    /* Calls in a round: about as long for every subject. */
    long calls;
    struct target target;
};

/* A subject that calls a client, with a context; its call is to be set. */
struct subject subject_of_mona(mona_client *client, const struct large_event *large);

/* In a file of its own, so that it stays a call. */
void empty_call(const struct target *target, long n);
struct subject subject_empty(void);

struct subject subject_typed(mona_client *client);
struct subject subject_json(mona_client *client);
/* Opening and closing a context. */
struct subject subject_context(mona_client *client);
/* The typical event as JSON, with the field of this number as its last one. */
struct subject subject_last(mona_client *client, int last);
/* What subject_typed() and subject_context() are, by mona.hpp: only where subject_cpp.cpp is linked. */
struct subject subject_cpp_typed(mona_client *client);
struct subject subject_cpp_context(mona_client *client);
/* What subject_typed() and subject_json() are, through a stack, and entering and leaving a main context and a part of one:
 * only where subject_stack.c is linked. */
enum stack_call { STACK_TYPED, STACK_JSON, STACK_MAIN, STACK_SUB, STACK_CALLS };
struct subject subject_stack(mona_client *client, enum stack_call call);
struct subject subject_large_typed(mona_client *client, const struct large_event *large);
struct subject subject_large_json(mona_client *client, const struct large_event *large);

/* The peers of a shared object; `large` is NULL for the typical event. */
struct subject subject_value(const char *file, const struct large_event *large);
struct subject subject_ignored(const char *file, const struct large_event *large);
struct subject subject_spdlog(const char *file);

/* Waits until nothing that was exported is still being worked on. */
void subject_settle(const struct subject *subject);

/* Calls the subject in a loop, once after the other, and gives the nanoseconds of one call. */
double subject_loop(const struct subject *subject, long calls);

/* Counts an export of libmona that was refused. */
void subject_refuse(void);

/* Exports of libmona that were refused on this thread; the benchmarks expect none. */
long subject_refused(void);

#endif
