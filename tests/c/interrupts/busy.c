/*
 * A signal handler that interrupted a call of the library calls it as well: it is answered at once, MONA_E_BUSY, and
 * the call that it interrupted goes on. `busy waiting`: in the middle of a flush and of an export that wait. `busy
 * exporting`: anywhere in exports, contexts and looks at the counters, and at least once in each.
 */
#include "../common.h"

#include <signal.h>
#include <sys/time.h>

static mona_client *client;
static mona_context *context;
static mona_stack *in;

static volatile sig_atomic_t in_call, must_be_busy, was_busy;

static void arm(long us)
{
    struct itimerval timer;
    memset(&timer, 0, sizeof timer);
    timer.it_value.tv_usec = us;
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

/* Where the signal came a moment before the library was in its call, the handler's is one like any other. */
static void expect(mona_status status)
{
    was_busy |= status == MONA_E_BUSY;
    CHECK(status == MONA_E_BUSY || (!must_be_busy && (status == MONA_OK || status == MONA_E_TIMEOUT)));
}

static void ask_for_everything(void)
{
    mona_context *run = NULL;
    mona_client *other = NULL;
    mona_stats stats;
    mona_stack *to = NULL;
    uint64_t scope = 7;
    double start = seconds_now();
    stats.size = sizeof stats;
    expect(mona_client_stats(client, &stats));
    expect(mona_client_flush(client, 0));
    expect(MONA_EXPORT(context, MONA_STR("who", "handler"), MONA_I64("n", 1)));
    expect(mona_context_export(context, "{\"who\": \"handler\", \"n\": 2, \"new\": 3}", MONA_NTS, MONA_NOW));
    expect(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
    mona_context_free(run);
    expect(mona_stack_export(in, "{\"who\": \"handler\", \"n\": 3}", MONA_NTS, NULL, NULL));
    /* Whatever it answers, there is a stack to go on with. */
    expect(mona_stack_enter_sub(in, NULL, NULL, 0, &scope, &to));
    CHECK(to != NULL && scope != 7);
    mona_stack_free(to);
    if (must_be_busy) {
        char text[64];
        size_t len = 0;
        int32_t level = 0;
        expect(mona_client_close(client, 10000));
        scope = 7;
        expect(mona_current_enter(NULL, 0, NULL, 0, MONA_NOW, &scope));
        CHECK(scope != 7);
        expect(mona_current_export("{\"n\": 1}", MONA_NTS, MONA_NOW));
        expect(mona_client_check(client, 10000, text, sizeof text, &len));
        expect(mona_client_new(NULL, &other));
        expect(mona_log_take(&level, text, sizeof text, &len));
        CHECK(mona_options_new() == NULL && mona_client_default() == NULL);
        CHECK_OK(mona_last_error(NULL, 0, &len));
        CHECK(strcmp(mona_status_text(MONA_OK), "done") == 0 && mona_abi_version() == MONA_ABI_VERSION);
        CHECK(strcmp(mona_version(), "") != 0);
    }
    /* Each of the waits above would be ten seconds long. */
    CHECK(seconds_now() - start < 5);
}

static void handle(int signal)
{
    (void)signal;
    if (in_call) {
        ask_for_everything();
    }
    arm(200 + rand() % 500);
}

static void interrupt_waits(void)
{
    double start = seconds_now();
    must_be_busy = 1;
    in_call = 1;
    arm(50000);
    CHECK_STATUS(MONA_E_TIMEOUT, mona_client_flush(client, 400));
    CHECK(was_busy);
    was_busy = 0;
    CHECK_STATUS(MONA_E_TIMEOUT, MONA_EXPORT(context, MONA_STR("who", "main"), MONA_I64("n", 1)));
    in_call = 0;
    arm(0);
    CHECK(was_busy);
    CHECK(seconds_now() - start > 0.35);
}

#define INTERRUPTED(call)                             \
    do {                                              \
        double end = seconds_now() + 60;              \
        was_busy = 0;                                 \
        arm(300);                                     \
        while (!was_busy && seconds_now() < end) {    \
            in_call = 1;                              \
            call;                                     \
            in_call = 0;                              \
        }                                             \
        arm(0);                                       \
        CHECK(was_busy);                              \
    } while (0)

static void interrupt_everything(void)
{
    long n = 0;
    mona_stats stats;
    stats.size = sizeof stats;
    INTERRUPTED(CHECK_OK(MONA_EXPORT(context, MONA_STR("who", "typed"), MONA_I64("n", n++))));
    INTERRUPTED(CHECK_OK(context_export_number(context, "json", n++)));
    INTERRUPTED({
        mona_context *run = NULL;
        CHECK_OK(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &run));
        mona_context_free(run);
    });
    INTERRUPTED(CHECK_OK(mona_stack_export(in, "{\"who\": \"stack\", \"n\": 1}", MONA_NTS, NULL, NULL)));
    INTERRUPTED({
        mona_stack *to = NULL;
        mona_stack *back = NULL;
        uint64_t scope = 0;
        CHECK_OK(mona_stack_enter_sub(in, NULL, NULL, 0, &scope, &to));
        CHECK_OK(mona_stack_leave(to, scope, &back));
        mona_stack_free(to);
        mona_stack_free(back);
    });
    INTERRUPTED(CHECK_OK(mona_client_stats(client, &stats)));
    INTERRUPTED(CHECK(mona_client_flush(client, 1000) == MONA_OK));
}

int main(int argc, char **argv)
{
    int waits;
    CHECK(argc == 2);
    waits = strcmp(argv[1], "waiting") == 0;
    client = waits ? new_client("blocking", "true") : new_client(NULL, NULL);
    MONA_IGNORE(mona_context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context));
    CHECK(context != NULL);
    {
        uint64_t scope = 0;
        MONA_IGNORE(mona_stack_enter(client, NULL, NULL, NULL, 0, NULL, &scope, &in));
        CHECK(in != NULL);
    }
    /* The first event starts the threads, without a word from a handler. */
    (void)MONA_EXPORT(context, MONA_STR("who", "main"), MONA_I64("n", 0));
    CHECK(signal(SIGALRM, handle) != SIG_ERR);
    if (waits) {
        interrupt_waits();
    } else {
        interrupt_everything();
    }
    check_ledger(client);
    mona_context_free(context);
    mona_stack_free(in);
    MONA_IGNORE(mona_client_close(client, waits ? 0 : 20000));
    check_ledger(client);
    if (!waits) {
        mona_stats stats = stats_of(client);
        /* A sender that gets no processor is slower than a loop of exports. */
        CHECK(stats.delivered + stats.dropped_queue_full == stats.accepted);
    }
    mona_client_free(client);
    return 0;
}
