/*
 * Exports from exit handlers and from the destructor of thread-specific storage.
 *
 * What was accepted before the library's own exit handler must arrive; what comes later is answered
 * with a status. Prints how many events of each kind were accepted.
 */
#include "../common.h"

#include <pthread.h>

static pthread_key_t key;
static mona_context *context;
static int in_key_destructor, in_exit_handler;

static void registered_before(void)
{
    mona_status status = context_export_number(context, "after-flush", 0);
    CHECK(status == MONA_OK || status == MONA_E_CLOSED || status == MONA_E_THREAD);
    status = export_number("after-flush", 1);
    CHECK(status == MONA_OK || status == MONA_E_CLOSED || status == MONA_E_THREAD
          || status == MONA_E_NO_CONTEXT);
}

static void registered_after(void)
{
    /* exit() destroys this thread's storage before it calls the handlers. */
    mona_status status = export_number("exit-handler", 0);
    CHECK(status == MONA_OK || status == MONA_E_THREAD || status == MONA_E_NO_CONTEXT);
    in_exit_handler += status == MONA_OK;
    status = context_export_number(context, "exit-handler", 1);
    CHECK(status == MONA_OK || status == MONA_E_THREAD);
    in_exit_handler += status == MONA_OK;
    printf("thread=1 exit-handler=%d key=%d\n", in_exit_handler, in_key_destructor);
}

static void destroy_key(void *unused)
{
    mona_status status = context_export_number(context, "key", 0);
    (void)unused;
    CHECK(status == MONA_OK || status == MONA_E_THREAD);
    in_key_destructor += status == MONA_OK;
    status = export_number("key", 1);
    CHECK(status == MONA_OK || status == MONA_E_THREAD || status == MONA_E_NO_CONTEXT);
    in_key_destructor += status == MONA_OK;
}

static void *run_thread(void *unused)
{
    CHECK(pthread_setspecific(key, &key) == 0);
    CHECK_OK(mona_current_open(NULL, 0, "thread", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("thread", 0));
    return unused;
}

int main(void)
{
    pthread_t thread;

    CHECK(atexit(registered_before) == 0);
    CHECK(pthread_key_create(&key, destroy_key) == 0);
    CHECK_OK(mona_current_open(NULL, 0, "main", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_context_new(mona_client_default(), NULL, 0, "handle", MONA_NTS, MONA_NOW, &context));
    CHECK(atexit(registered_after) == 0);
    CHECK(pthread_create(&thread, NULL, run_thread, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}
