/*
 * A signal handler that comes while a call of the library is in the middle of the allocator calls the library: it is
 * answered without the allocator, whose locks that call may hold. `allocation exit`: the handler ends the process. Each
 * handler runs on a thread that has just begun, where nothing of the library was made ready.
 */
#include "../common.h"

#include <pthread.h>
#include <signal.h>

/* Of the C library. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *place, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *place);

static mona_client *client;
static mona_context *context;
static mona_stack *in;

/* To the compiler raise() calls nothing of this file. */
static __thread volatile int armed, is_inside;
static volatile sig_atomic_t was_called;
static int is_exiting;

static void note_allocator(void)
{
    if (is_inside) {
        static const char line[] = "the allocator was called in the middle of itself\n";
        (void)!write(2, line, sizeof line - 1);
        _exit(1);
    }
    if (armed > 0 && --armed == 0) {
        is_inside = 1;
        (void)raise(SIGUSR1);
        is_inside = 0;
    }
}

void *malloc(size_t size)
{
    note_allocator();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    note_allocator();
    return __libc_calloc(count, size);
}

void *realloc(void *place, size_t size)
{
    note_allocator();
    return __libc_realloc(place, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    note_allocator();
    *place = __libc_memalign(alignment, size);
    return *place == NULL ? 12 : 0;
}

void free(void *place)
{
    /* The C library frees what it keeps of destructors when it exits. */
    if (place != NULL && !is_exiting) {
        note_allocator();
    }
    __libc_free(place);
}

static mona_status ask_stats(void)
{
    mona_stats stats;
    stats.size = sizeof stats;
    return mona_client_stats(client, &stats);
}

static mona_status ask_flush(void)
{
    return mona_client_flush(client, 1000);
}

static mona_status ask_export(void)
{
    return mona_context_export(context, "{\"n\": 1}", MONA_NTS, MONA_NOW);
}

static mona_status ask_fields(void)
{
    return MONA_EXPORT(context, MONA_I64("n", 1));
}

static mona_status ask_current(void)
{
    return mona_current_export("{\"n\": 1}", MONA_NTS, MONA_NOW);
}

static mona_status ask_enter(void)
{
    uint64_t scope;
    return mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope);
}

static mona_status ask_context(void)
{
    mona_context *other;
    return mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &other);
}

static mona_status ask_batch(void)
{
    size_t accepted;
    return mona_client_export_batch(client, "[]", MONA_NTS, &accepted);
}

static mona_status ask_log(void)
{
    int32_t level;
    char line[8];
    size_t len;
    return mona_log_take(&level, line, sizeof line, &len);
}

static mona_status ask_stack(void)
{
    return mona_stack_export(in, "{\"n\": 1}", MONA_NTS, NULL, NULL);
}

/* Whatever kind the time is of. */
static mona_status ask_stack_at_text(void)
{
    mona_field time = MONA_STR("", "no time");
    mona_field number = MONA_I64("n", 1);
    return mona_stack_export_fields(in, &number, 1, &time, NULL);
}

static mona_status ask_stack_at_json(void)
{
    mona_field time = MONA_JSON("", "[1, 2]");
    return mona_stack_export(in, "{\"n\": 1}", MONA_NTS, &time, NULL);
}

static mona_status ask_stack_at_wrong(void)
{
    mona_field time = MONA_STR("", "\xff");
    return mona_stack_export(in, "{\"n\": 1}", MONA_NTS, &time, NULL);
}

static mona_status ask_move(void)
{
    mona_field name = MONA_STR("", "class");
    mona_stack *to = NULL;
    uint64_t scope = 0;
    mona_status status = mona_stack_enter_sub(in, &name, "sub", MONA_NTS, &scope, &to);
    CHECK(to != NULL && scope != 0);
    mona_stack_free(to);
    return status;
}

static mona_status ask_stack_batch(void)
{
    size_t accepted;
    return mona_stack_export_batch(client, in, "[]", MONA_NTS, &accepted);
}

static mona_status end_process(void)
{
    is_exiting = 1;
    exit(0);
}

typedef mona_status call(void);

static call *const CALLS[] = {
    ask_stats, ask_flush, ask_export, ask_fields, ask_current, ask_enter, ask_context, ask_batch, ask_log,
    ask_stack, ask_stack_at_text, ask_stack_at_json, ask_stack_at_wrong, ask_move, ask_stack_batch,
};

static call *called;

static void handle(int number)
{
    char words[128];
    size_t len = 0;
    (void)number;
    was_called = 1;
    CHECK(called() == MONA_E_BUSY);
    CHECK(mona_last_error(words, sizeof words, &len) == MONA_OK && strstr(words, "inside another call") != NULL);
}

/* `opened` is not NULL on a thread whose context has sent nothing yet. */
static void *be_interrupted(void *opened)
{
    char text[8];
    size_t len = 0;
    if (opened != NULL) {
        CHECK_OK(mona_current_open(NULL, 0, "run", MONA_NTS, MONA_NOW));
    }
    armed = 1;
    CHECK(mona_client_describe(client, text, sizeof text, &len) == MONA_E_TRUNCATED);
    CHECK(armed == 0 && len > sizeof text);
    return NULL;
}

static void interrupt(call *by, void *opened)
{
    pthread_t thread;
    called = by;
    was_called = 0;
    CHECK(pthread_create(&thread, NULL, be_interrupted, opened) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(was_called);
}

int main(int argc, char **argv)
{
    size_t i;
    client = new_client(NULL, NULL);
    CHECK_OK(mona_client_set_default(client));
    CHECK_OK(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    {
        uint64_t scope;
        CHECK_OK(mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, &in));
    }
    CHECK_OK(ask_export());
    CHECK_OK(mona_client_flush(client, 60000));
    CHECK(signal(SIGUSR1, handle) != SIG_ERR);
    if (argc > 1 && strcmp(argv[1], "exit") == 0) {
        sleep_ms(100);
        CHECK_OK(ask_export());
        interrupt(end_process, NULL);
        return 1;
    }
    for (i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
        interrupt(CALLS[i], NULL);
        interrupt(CALLS[i], client);
    }
    check_ledger(client);
    mona_context_free(context);
    mona_stack_free(in);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return 0;
}
