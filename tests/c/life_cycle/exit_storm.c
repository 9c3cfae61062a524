/* Calls exit while four threads export: no hang, no signal. */
#include "../common.h"

#include <pthread.h>

static void *export_for_ever(void *unused)
{
    long n;
    (void)unused;
    MONA_IGNORE(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    for (n = 0;; n++) {
        mona_status status = export_number("thread", n);
        if (status != MONA_E_CLOSED && status != MONA_E_THREAD && status != MONA_E_NO_CONTEXT) {
            CHECK_OK(status);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int i;
    for (i = 0; i < 4; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, export_for_ever, NULL) == 0);
        CHECK(pthread_detach(thread) == 0);
    }
    sleep_ms(argc > 1 ? atol(argv[1]) : 5);
    exit(0);
}
