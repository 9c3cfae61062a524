#include "subject.h"

#include <dlfcn.h>

/* Per thread, so that counting does not become what is measured. */
static _Thread_local long refused;

void subject_refuse(void)
{
    refused++;
}

static void count(mona_status status)
{
    if (status != MONA_OK) {
        subject_refuse();
    }
}

long subject_refused(void)
{
    return refused;
}

static void call_typed(const struct target *target, long n)
{
    count(MONA_EXPORT(target->context, TYPICAL_FIELDS(confidence_of(n), latency_of(n), 32)));
}

static void call_json(const struct target *target, long n)
{
    (void)n;
    count(mona_context_export(target->context, TYPICAL_JSON, TYPICAL_LEN, MONA_NOW));
}

static void call_context(const struct target *target, long n)
{
    mona_context *context = NULL;
    (void)n;
    count(mona_context_new(target->client, "image-classifier", sizeof "image-classifier" - 1, NULL, 0,
                           MONA_NOW, &context));
    mona_context_free(context);
}

static void call_last(const struct target *target, long n)
{
    (void)n;
    count(mona_context_export(target->context, target->json, TYPICAL_LEN, MONA_NOW));
}

static void call_large_typed(const struct target *target, long n)
{
    (void)n;
    count(mona_context_export_fields(target->context, target->large->fields, LARGE_FIELDS, MONA_NOW));
}

static void call_large_json(const struct target *target, long n)
{
    (void)n;
    count(mona_context_export(target->context, target->large->json, target->large->json_len, MONA_NOW));
}

static void call_peer_json(const struct target *target, long n)
{
    (void)n;
    (void)target->peer_call.json(target->peer, TYPICAL_JSON, TYPICAL_LEN);
}

static void call_peer_large(const struct target *target, long n)
{
    (void)n;
    (void)target->peer_call.json(target->peer, target->large->json, target->large->json_len);
}

static void call_peer_line(const struct target *target, long n)
{
    target->peer_call.line(target->peer, confidence_of(n), latency_of(n), 32);
}

struct subject subject_empty(void)
{
    struct subject subject;
    memset(&subject, 0, sizeof subject);
    subject.call = empty_call;
    subject.calls = 3000000;
    return subject;
}

struct subject subject_of_mona(mona_client *client, const struct large_event *large)
{
    struct subject subject;
    memset(&subject, 0, sizeof subject);
    subject.target.client = client;
    subject.target.context = context_of(client);
    subject.target.large = large;
    return subject;
}

struct subject subject_typed(mona_client *client)
{
    struct subject subject = subject_of_mona(client, NULL);
    subject.call = call_typed;
    subject.calls = 400000;
    return subject;
}

struct subject subject_json(mona_client *client)
{
    struct subject subject = subject_of_mona(client, NULL);
    subject.call = call_json;
    subject.calls = 300000;
    return subject;
}

struct subject subject_context(mona_client *client)
{
    struct subject subject = subject_of_mona(client, NULL);
    subject.call = call_context;
    subject.calls = 100000;
    return subject;
}

struct subject subject_last(mona_client *client, int last)
{
    struct subject subject = subject_of_mona(client, NULL);
    typical_json_make(subject.target.json, last);
    subject.call = call_last;
    subject.calls = 300000;
    return subject;
}

struct subject subject_large_typed(mona_client *client, const struct large_event *large)
{
    struct subject subject = subject_of_mona(client, large);
    subject.call = call_large_typed;
    subject.calls = 40000;
    return subject;
}

struct subject subject_large_json(mona_client *client, const struct large_event *large)
{
    struct subject subject = subject_of_mona(client, large);
    subject.call = call_large_json;
    subject.calls = 30000;
    return subject;
}

/* Finds a function of a peer. ISO C has no cast from an object to a function; copying the pointer is what
 * POSIX promises to work. */
static void find(void *library, const char *peer, const char *verb, void *function)
{
    char name[64];
    void *symbol;
    snprintf(name, sizeof name, "peer_%s_%s", peer, verb);
    symbol = dlsym(library, name);
    EXPECT(symbol != NULL);
    memcpy(function, &symbol, sizeof symbol);
}

static struct subject subject_of_peer(const char *file, const char *peer, const char *verb)
{
    struct subject subject;
    void *library, *(*open)(void);
    memset(&subject, 0, sizeof subject);
    library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    find(library, peer, "open", &open);
    find(library, peer, verb, &subject.target.peer_call);
    find(library, peer, "settle", &subject.target.peer_settle);
    subject.target.peer = open();
    EXPECT(subject.target.peer != NULL);
    return subject;
}

static struct subject subject_of_json_peer(const char *file, const char *peer, const struct large_event *large)
{
    struct subject subject = subject_of_peer(file, peer, "export");
    subject.target.large = large;
    subject.call = large == NULL ? call_peer_json : call_peer_large;
    return subject;
}

struct subject subject_value(const char *file, const struct large_event *large)
{
    struct subject subject = subject_of_json_peer(file, "value", large);
    subject.calls = large == NULL ? 80000 : 7000;
    return subject;
}

struct subject subject_ignored(const char *file, const struct large_event *large)
{
    struct subject subject = subject_of_json_peer(file, "ignored", large);
    subject.calls = large == NULL ? 400000 : 50000;
    return subject;
}

struct subject subject_spdlog(const char *file)
{
    struct subject subject = subject_of_peer(file, "spdlog", "log");
    subject.call = call_peer_line;
    subject.calls = 100000;
    return subject;
}

void subject_settle(const struct subject *subject)
{
    if (subject->target.peer_settle != NULL) {
        subject->target.peer_settle(subject->target.peer);
    } else if (subject->target.client != NULL) {
        /* A client whose endpoint takes nothing stays full, which is what it is measured for. */
        MONA_IGNORE(mona_client_flush(subject->target.client, 200));
    }
}

double subject_loop(const struct subject *subject, long calls)
{
    void (*call)(const struct target *target, long n) = subject->call;
    double start = now_ns();
    long n;
    for (n = 0; n < calls; n++) {
        call(&subject->target, n);
    }
    return (now_ns() - start) / (double)calls;
}
