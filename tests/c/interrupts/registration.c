/*
 * What threads of the host's keep for the library is told to the C library, with its destructor, only while no signal
 * can come in between: a handler that ends the process there would end it with a fault. Every kind of call, each as the
 * first of its thread. Prints what was told, and what of it with SIGALRM open.
 */
#include "../common.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

typedef int told_with(void (*destructor)(void *), void *object, void *library);

static __thread int is_watched;
static unsigned told, told_open;

/* The C library's own, which libmona finds here. */
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library);

int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library)
{
    told_with *next = NULL;
    void *found = dlsym(RTLD_NEXT, "__cxa_thread_atexit_impl");
    CHECK(found != NULL);
    memcpy(&next, &found, sizeof next);
    if (is_watched) {
        sigset_t blocked;
        CHECK(pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0);
        told++;
        told_open += !sigismember(&blocked, SIGALRM);
    }
    return next(destructor, object, library);
}

static mona_client *client;
static mona_context *context;

static void call_typed(void)
{
    CHECK_OK(MONA_EXPORT(context, MONA_I64("n", 1)));
}

static void call_json(void)
{
    CHECK_OK(mona_context_export(context, "{\"n\": 1}", MONA_NTS, MONA_NOW));
}

static void call_current(void)
{
    uint64_t scope = 0;
    CHECK_OK(mona_current_enter("class", MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CHECK_OK(mona_current_export("{\"n\": 1}", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_current_leave(scope));
}

static void call_context(void)
{
    mona_context *own = NULL;
    CHECK_OK(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &own));
    CHECK_OK(mona_context_export(own, "{\"n\": 1}", MONA_NTS, MONA_NOW));
    mona_context_free(own);
}

static void call_batch(void)
{
    size_t accepted = 0;
    CHECK_OK(mona_client_export_batch(client, "[{\"message\": {\"n\": 1}}]", MONA_NTS, &accepted));
}

static void call_globals(void)
{
    CHECK_OK(mona_client_set_globals(client, "{\"site\": \"a\"}", MONA_NTS));
}

static void call_client(void)
{
    mona_client *own = NULL;
    CHECK_OK(mona_client_new(NULL, &own));
    CHECK_OK(mona_client_close(own, 60000));
    mona_client_free(own);
}

/* Keeps the last error. */
static void call_wrongly(void)
{
    CHECK(mona_context_export(context, "{", MONA_NTS, MONA_NOW) != MONA_OK);
}

static void call_flush(void)
{
    CHECK_OK(mona_client_flush(client, 60000));
}

static void *watch(void *call)
{
    void (*run)(void) = NULL;
    memcpy(&run, &call, sizeof run);
    is_watched = 1;
    run();
    is_watched = 0;
    return NULL;
}

int main(void)
{
    static void (*const calls[])(void) = { call_typed,   call_json,   call_current, call_context, call_batch,
                                           call_globals, call_client, call_wrongly, call_flush };
    unsigned i;
    CHECK((client = mona_client_default()) != NULL);
    CHECK_OK(mona_client_set_globals(client, "{\"site\": \"a\"}", MONA_NTS));
    CHECK_OK(mona_context_new(client, "class", MONA_NTS, NULL, 0, MONA_NOW, &context));
    for (i = 0; i < sizeof calls / sizeof *calls; i++) {
        pthread_t thread;
        void *call = NULL;
        memcpy(&call, &calls[i], sizeof call);
        CHECK(pthread_create(&thread, NULL, watch, call) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    printf("told=%u open=%u\n", told, told_open);
    return told >= 9 && told_open == 0 ? 0 : 1;
}
