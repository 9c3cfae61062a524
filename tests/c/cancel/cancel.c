/*
 * `cancel list`: what can be asked for. `cancel CALL ROUNDS`: threads that are cancelled while they make the call, in
 * as many rounds with a cancellation that is pending before and as many with one that arrives at any moment. Each
 * thread must come back from its call, and only then end as cancelled; the library must work on. Prints nothing.
 *
 * A name with a colon is a call in circumstances in which it waits, or starts threads.
 */
/* What a cancelled call answers is of no interest. */
#define MONA_NO_WARN_UNUSED
#include "../common.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>

static mona_client *client;  /* at the endpoint of the environment */
static mona_client *memory;  /* delivers to itself */
static mona_client *waiting; /* its exports wait for delivery, which never comes */
static mona_client *full;    /* its exports wait for room, of which there is none */
static mona_context *context, *of_memory, *of_waiting, *of_full;
static mona_options *options;

/* What the thread is doing; only it writes these until it is joined. */
static volatile int in_call, calls;

/* Room for what a call makes and another one frees. */
static char text[16384];
static size_t len;

static void allow(int state)
{
    int before;
    CHECK(pthread_setcancelstate(state, &before) == 0);
}

/* The call under test: a cancellation may be pending or come meanwhile. */
#define CALL(call)                      \
    do {                                \
        in_call = 1;                    \
        allow(PTHREAD_CANCEL_ENABLE);   \
        (void)(call);                   \
        allow(PTHREAD_CANCEL_DISABLE);  \
        in_call = 0;                    \
        calls++;                        \
    } while (0)

#define EVENT "{\"who\": \"cancelled\", \"n\": 1}"
#define FIELDS MONA_STR("who", "cancelled"), MONA_I64("n", 1)

#include "stacks.h"

static mona_client *client_with(const char *const *pairs)
{
    mona_client *made = NULL;
    mona_options *with = mona_options_new();
    for (; *pairs != NULL; pairs += 2) {
        CHECK_OK(mona_options_set(with, pairs[0], MONA_NTS, pairs[1], MONA_NTS));
    }
    CHECK_OK(mona_client_new(with, &made));
    mona_options_free(with);
    return made;
}

static void abi_version(void) { CALL(mona_abi_version()); }
static void version(void) { CALL(mona_version()); }
static void status_text(void) { CALL(mona_status_text(MONA_E_BUSY)); }
static void last_error(void) { CALL(mona_last_error(text, sizeof text, &len)); }
static void client_check(void) { CALL(mona_client_check(client, 2000, text, sizeof text, &len)); }
static void client_default(void) { CALL(mona_client_default()); }
static void client_describe(void) { CALL(mona_client_describe(client, text, sizeof text, &len)); }
static void client_flush(void) { CALL(mona_client_flush(client, 2000)); }
static void client_flush_waiting(void) { CALL(mona_client_flush(waiting, 5)); }
static void client_set_default(void) { CALL(mona_client_set_default(client)); }
static void client_set_disabled(void) { CALL(mona_client_set_disabled(client, 0)); }
static void client_set_globals(void) { CALL(mona_client_set_globals(client, "{\"fleet\": 7}", MONA_NTS)); }
static void context_export(void) { CALL(mona_context_export(context, EVENT, MONA_NTS, MONA_NOW)); }
static void context_export_fields(void) { CALL(MONA_EXPORT(context, FIELDS)); }
static void export_wrong(void) { CALL(mona_context_export(context, "{\"n\": ", MONA_NTS, MONA_NOW)); }
static void export_waiting(void) { CALL(MONA_EXPORT(of_waiting, FIELDS)); }
static void context_id(void) { CALL(mona_context_id(context, text, sizeof text, &len)); }
static void current_id(void) { CALL(mona_current_id(text, sizeof text, &len)); }
static void current_reset(void) { CALL(mona_current_reset()); }
static void log_set_callback(void) { CALL(mona_log_set_callback(NULL, NULL)); }

static void client_export_batch(void)
{
    CALL(mona_client_export_batch(client, "[{\"message\": " EVENT "}, {\"message\": " EVENT "}]", MONA_NTS, &len));
}

static void current_export_batch(void)
{
    CALL(mona_current_export_batch("[{\"message\": " EVENT "}]", MONA_NTS, &len));
}

static void client_stats(void)
{
    mona_stats stats;
    stats.size = sizeof stats;
    CALL(mona_client_stats(client, &stats));
}

static void client_stats_text(void) { CALL(mona_client_stats_text(client, text, sizeof text, &len)); }

static void client_is_disabled(void)
{
    int32_t is_disabled = 0;
    CALL(mona_client_is_disabled(client, &is_disabled));
}

static void client_take(void)
{
    CHECK_OK(mona_context_export(of_memory, EVENT, MONA_NTS, MONA_NOW));
    CALL(mona_client_take(memory, text, sizeof text, &len));
}

static void client_new(void)
{
    mona_client *made = NULL;
    CALL(mona_client_new(options, &made));
    mona_client_free(made);
}

static void client_close(void)
{
    mona_client *made = new_client(NULL, NULL);
    CALL(mona_client_close(made, 2000));
    mona_client_free(made);
}

/* With an event and a sender. */
static void client_close_busy(void)
{
    mona_client *made = new_client(NULL, NULL);
    mona_context *run = NULL;
    CHECK_OK(mona_context_new(made, NULL, 0, NULL, 0, MONA_NOW, &run));
    CHECK_OK(MONA_EXPORT(run, FIELDS));
    mona_context_free(run);
    CALL(mona_client_close(made, 2000));
    CHECK(stats_of(made).delivered == 1);
    mona_client_free(made);
}

static void client_free(void)
{
    mona_client *made = new_client(NULL, NULL);
    CALL((mona_client_free(made), 0));
}

static void context_new(void)
{
    mona_context *run = NULL;
    CALL(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
    mona_context_free(run);
}

static void context_new_sub(void)
{
    mona_context *run = NULL;
    CALL(mona_context_new_sub(context, "class", MONA_NTS, NULL, 0, &run));
    mona_context_free(run);
}

static void context_free(void)
{
    mona_context *run = NULL;
    CHECK_OK(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
    CALL((mona_context_free(run), 0));
}

/* The first call of a client starts what it needs. */
static void context_new_first(void)
{
    mona_client *made = new_client(NULL, NULL);
    mona_context *run = NULL;
    CALL(mona_context_new(made, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
    mona_context_free(run);
    mona_client_free(made);
}

static void export_first(void)
{
    mona_client *made = new_client(NULL, NULL);
    mona_context *run = NULL;
    CHECK_OK(mona_context_new(made, NULL, 0, NULL, 0, MONA_NOW, &run));
    CALL(MONA_EXPORT(run, FIELDS));
    mona_context_free(run);
    CHECK_OK(mona_client_close(made, 60000));
    CHECK(stats_of(made).delivered == 1);
    mona_client_free(made);
}

/* Fills the queue, if it is not full yet, and waits for room. */
static void export_full(void)
{
    int i;
    for (i = 0; i < 3; i++) {
        CALL(MONA_EXPORT(of_full, FIELDS));
    }
}

static void current_enter(void)
{
    uint64_t scope = 0;
    CALL(mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CHECK_OK(mona_current_leave(scope));
}

static void current_enter_sub(void)
{
    uint64_t scope = 0, sub = 0;
    CHECK_OK(mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CALL(mona_current_enter_sub("class", MONA_NTS, NULL, 0, &sub));
    CHECK_OK(mona_current_leave(scope));
}

static void current_leave(void)
{
    uint64_t scope = 0;
    CHECK_OK(mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CALL(mona_current_leave(scope));
}

static void current_open(void) { CALL(mona_current_open("class", MONA_NTS, NULL, 0, MONA_NOW)); }

static void current_open_sub(void)
{
    CHECK_OK(mona_current_open("class", MONA_NTS, NULL, 0, MONA_NOW));
    CALL(mona_current_open_sub("class", MONA_NTS, "step", MONA_NTS));
}

static void current_close_sub(void)
{
    CHECK_OK(mona_current_open("class", MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_OK(mona_current_open_sub("class", MONA_NTS, "step", MONA_NTS));
    CALL(mona_current_close_sub("step", MONA_NTS));
}

static void current_export(void)
{
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    CALL(mona_current_export(EVENT, MONA_NTS, MONA_NOW));
}

static void current_export_fields(void)
{
    const mona_field fields[] = { FIELDS };
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    CALL(mona_current_export_fields(fields, 2, MONA_NOW));
}

static void current_export_nowhere(void)
{
    CHECK_OK(mona_current_reset());
    CALL(mona_current_export(EVENT, MONA_NTS, MONA_NOW));
}

static void log_set_level(void) { CALL(mona_log_set_level(MONA_LOG_ERROR)); }

static void log_take(void)
{
    int32_t level = 0;
    CALL(mona_log_take(&level, text, sizeof text, &len));
}

static void options_new(void)
{
    mona_options *made = NULL;
    CALL(made = mona_options_new());
    mona_options_free(made);
}

static void options_free(void)
{
    mona_options *made = mona_options_new();
    CALL((mona_options_free(made), 0));
}

static void spool_list(void) { CALL(mona_spool_list("none", MONA_NTS, text, sizeof text, &len)); }
static void spool_read(void) { CALL(mona_spool_read("none", MONA_NTS, "x", MONA_NTS, text, sizeof text, &len)); }
static void spool_verify(void) { CALL(mona_spool_verify("none", MONA_NTS, text, sizeof text, &len)); }

static void options_set(void) { CALL(mona_options_set(options, "user_id", MONA_NTS, "somebody", MONA_NTS)); }

/* A callback that comes to a cancellation point. */
static volatile int heard;

static void say(int32_t level, const char *line, size_t line_len, void *user_data)
{
    (void)level;
    (void)line;
    (void)line_len;
    (void)user_data;
    heard = 1;
    sleep_ms(0);
}

/* A wrong value in the environment is a line of the log for each client that is made. */
static void client_new_told(void)
{
    mona_client *made = NULL;
    heard = 0;
    CHECK_OK(mona_log_set_callback(say, NULL));
    CALL(mona_client_new(NULL, &made));
    CHECK_OK(mona_log_set_callback(NULL, NULL));
    CHECK(heard);
    mona_client_free(made);
}

static const struct {
    const char *name;
    void (*run)(void);
} CALLS[] = {
    { "mona_abi_version", abi_version },
    { "mona_client_check", client_check },
    { "mona_client_close", client_close },
    { "mona_client_default", client_default },
    { "mona_client_describe", client_describe },
    { "mona_client_export_batch", client_export_batch },
    { "mona_client_flush", client_flush },
    { "mona_client_free", client_free },
    { "mona_client_is_disabled", client_is_disabled },
    { "mona_client_new", client_new },
    { "mona_client_set_default", client_set_default },
    { "mona_client_set_disabled", client_set_disabled },
    { "mona_client_set_globals", client_set_globals },
    { "mona_client_stats", client_stats },
    { "mona_client_stats_text", client_stats_text },
    { "mona_client_take", client_take },
    { "mona_context_export", context_export },
    { "mona_context_export_fields", context_export_fields },
    { "mona_context_free", context_free },
    { "mona_context_id", context_id },
    { "mona_context_new", context_new },
    { "mona_context_new_sub", context_new_sub },
    { "mona_current_close_sub", current_close_sub },
    { "mona_current_enter", current_enter },
    { "mona_current_enter_sub", current_enter_sub },
    { "mona_current_export", current_export },
    { "mona_current_export_batch", current_export_batch },
    { "mona_current_export_fields", current_export_fields },
    { "mona_current_id", current_id },
    { "mona_current_leave", current_leave },
    { "mona_current_open", current_open },
    { "mona_current_open_sub", current_open_sub },
    { "mona_current_reset", current_reset },
    { "mona_last_error", last_error },
    { "mona_log_set_callback", log_set_callback },
    { "mona_log_set_level", log_set_level },
    { "mona_log_take", log_take },
    { "mona_options_free", options_free },
    { "mona_options_new", options_new },
    { "mona_options_set", options_set },
    { "mona_spool_list", spool_list },
    { "mona_spool_read", spool_read },
    { "mona_spool_verify", spool_verify },
    { "mona_stack_close_sub", stack_close_sub },
    { "mona_stack_enter", stack_enter },
    { "mona_stack_enter_sub", stack_enter_sub },
    { "mona_stack_export", stack_export },
    { "mona_stack_export_batch", stack_export_batch },
    { "mona_stack_export_fields", stack_export_fields },
    { "mona_stack_free", stack_free },
    { "mona_stack_id", stack_id },
    { "mona_stack_leave", stack_leave },
    { "mona_stack_open", stack_open },
    { "mona_stack_open_sub", stack_open_sub },
    { "mona_stack_reset", stack_reset },
    { "mona_status_text", status_text },
    { "mona_version", version },
    { "mona_client_close:busy", client_close_busy },
    { "mona_client_flush:waiting", client_flush_waiting },
    { "mona_context_export:first", export_first },
    { "mona_context_export:full", export_full },
    { "mona_context_export:waiting", export_waiting },
    { "mona_context_export:wrong", export_wrong },
    { "mona_context_new:first", context_new_first },
    { "mona_current_export:nowhere", current_export_nowhere },
    { "mona_client_new:told", client_new_told },
    { "mona_stack_enter:joined", stack_enter_joined },
    { "mona_stack_export:nowhere", stack_export_nowhere },
    { "mona_stack_export:wrong", stack_export_wrong },
};

static sem_t has_begun;

/* One call with a cancellation that is there before. */
static void *once(void *run)
{
    allow(PTHREAD_CANCEL_DISABLE);
    CHECK(pthread_cancel(pthread_self()) == 0);
    ((void (*)(void))run)();
    allow(PTHREAD_CANCEL_ENABLE);
    pthread_testcancel();
    return NULL;
}

/* Calls until a cancellation comes. */
static void *for_ever(void *run)
{
    allow(PTHREAD_CANCEL_DISABLE);
    CHECK(sem_post(&has_begun) == 0);
    for (;;) {
        ((void (*)(void))run)();
        allow(PTHREAD_CANCEL_ENABLE);
        pthread_testcancel();
        allow(PTHREAD_CANCEL_DISABLE);
    }
    return NULL;
}

static void expect_cancelled(pthread_t thread)
{
    void *result = NULL;
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(in_call == 0);
    CHECK(calls > 0);
}

static void expect_alive(void)
{
    CHECK_OK(MONA_EXPORT(context, MONA_STR("who", "main"), MONA_I64("n", 1)));
    check_ledger(client);
}

/* The first call of a process, which makes the default client. */
static void in_a_new_process(void (*run)(void))
{
    int status = 0;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, once, (void *)run) == 0);
        expect_cancelled(thread);
        CHECK(mona_client_default() != NULL);
        check_ledger(mona_client_default());
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
    const char *const delivers_never[] = { "endpoint", "tcp://127.0.0.1:1", "blocking", "true", "block_timeout_ms", "2",
                                           "log_level", "50", NULL };
    const char *const has_no_room[] = { "endpoint", "tcp://127.0.0.1:1", "queue_circular", "false", "queue_size", "2",
                                        "block_timeout_ms", "2", NULL };
    const char *const to_itself[] = { "endpoint", "memory:", NULL };
    void (*run)(void) = NULL;
    mona_stats stats;
    long rounds, n;
    size_t i;
    CHECK(argc >= 2);
    for (i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        if (strcmp(argv[1], "list") == 0) {
            puts(CALLS[i].name);
        } else if (strcmp(argv[1], CALLS[i].name) == 0) {
            run = CALLS[i].run;
        }
    }
    if (argc == 2) {
        return 0;
    }
    CHECK(run != NULL);
    rounds = atol(argv[2]);
    CHECK(sem_init(&has_begun, 0, 0) == 0);
    if (strcmp(argv[1], "mona_client_new:told") == 0) {
        CHECK(setenv("MONA_QUEUE_SIZE", "many", 1) == 0);
    }
    if (strcmp(argv[1], "mona_client_default") == 0 || strcmp(argv[1], "mona_current_enter") == 0
        || strcmp(argv[1], "mona_current_export:nowhere") == 0 || strcmp(argv[1], "mona_stack_export:nowhere") == 0) {
        for (n = 0; n < rounds / 10; n++) {
            in_a_new_process(run);
        }
    }
    options = mona_options_new();
    client = new_client(NULL, NULL);
    memory = client_with(to_itself);
    waiting = client_with(delivers_never);
    full = client_with(has_no_room);
    CHECK_OK(mona_client_set_default(client));
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    CHECK_OK(mona_context_new(memory, NULL, 0, NULL, 0, MONA_NOW, &of_memory));
    CHECK_OK(mona_context_new(waiting, NULL, 0, NULL, 0, MONA_NOW, &of_waiting));
    CHECK_OK(mona_context_new(full, NULL, 0, NULL, 0, MONA_NOW, &of_full));
    srand((unsigned)rounds);
    for (n = 0; n < rounds; n++) {
        pthread_t thread;
        calls = 0;
        CHECK(pthread_create(&thread, NULL, once, (void *)run) == 0);
        expect_cancelled(thread);
        expect_alive();
    }
    for (n = 0; n < rounds; n++) {
        pthread_t thread;
        struct timespec pause = { 0, rand() % 300000 };
        calls = 0;
        CHECK(pthread_create(&thread, NULL, for_ever, (void *)run) == 0);
        while (sem_wait(&has_begun) != 0) {
        }
        while (nanosleep(&pause, &pause) != 0) {
        }
        CHECK(pthread_cancel(thread) == 0);
        expect_cancelled(thread);
        expect_alive();
    }
    CHECK_OK(mona_client_close(client, 60000));
    check_ledger(client);
    check_ledger(full);
    stats = stats_of(client);
    /* A sender that gets no processor is slower than a loop of exports. */
    CHECK(stats.delivered + stats.dropped_queue_full == stats.accepted);
    return 0;
}
