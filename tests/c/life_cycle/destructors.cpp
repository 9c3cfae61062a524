/*
 * Exports from destructors of static and thread_local objects and from an exit handler. A thread_local object made after the
 * library was first used on its thread is destroyed before the library's storage, so its events must be
 * accepted and arrive; all others get a status. Prints how many were accepted by each.
 */
#include "../common.h"

#include <thread>

namespace {

mona_context *context;

struct Last {
    const char *who;
    bool must_work;
    bool touched = false;

    ~Last()
    {
        if (!touched) {
            return;
        }
        mona_status status = context_export_number(context, who, 0);
        mona_status current = export_number(who, 1);
        printf("%s=%d\n", who, (status == MONA_OK) + (current == MONA_OK));
        if (must_work) {
            CHECK_STATUS(MONA_OK, status);
            CHECK_STATUS(MONA_OK, current);
        } else {
            CHECK(status == MONA_OK || status == MONA_E_THREAD || status == MONA_E_CLOSED);
            CHECK(current == MONA_OK || current == MONA_E_THREAD || current == MONA_E_CLOSED
                  || current == MONA_E_NO_CONTEXT);
        }
    }
};

Last static_before{"static-before", false};

Last &static_after()
{
    static Last object{"static-after", false};
    return object;
}

/* Inside functions, because objects of one file are all made when the first of them is used. */
Last &local_before()
{
    thread_local Last object{"local-before", false};
    return object;
}

Last &local_after()
{
    thread_local Last object{"local-after", true};
    return object;
}

/* The storage of the thread that calls exit() is gone by then. */
void handle_exit()
{
    mona_status status = context_export_number(context, "exit-handler", 0);
    mona_status current = export_number("exit-handler", 1);
    CHECK(status == MONA_OK || status == MONA_E_THREAD);
    CHECK(current == MONA_OK || current == MONA_E_THREAD || current == MONA_E_NO_CONTEXT);
    printf("exit-handler=%d\n", (status == MONA_OK) + (current == MONA_OK));
}

void run_thread()
{
    local_before().touched = true;
    CHECK_OK(mona_current_open(NULL, 0, "thread", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("thread", 0));
    local_after().touched = true;
}

} // namespace

int main()
{
    static_before.touched = true;
    CHECK_OK(mona_context_new(mona_client_default(), NULL, 0, "handle", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_current_open(NULL, 0, "main", MONA_NTS, MONA_NOW));
    CHECK_OK(export_number("main", 0));
    static_after().touched = true;
    CHECK(atexit(handle_exit) == 0);
    std::thread(run_thread).join();
    return 0;
}
