/*
 * The wall clock jumps by an hour to and fro while events are exported: each is still delivered as soon
 * as the flush interval says, because waits use the monotonic clock.
 */
#include "../common.h"

#include <sys/syscall.h>

/* Twice the flush interval of the default, and what a loaded machine adds. */
static const double longest_s = 1.5;

static volatile long step_s;

/* Stands before the C library's for every object of this process. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += step_s;
    }
    return (int)failed;
}

int main(void)
{
    mona_client *client = mona_client_default();
    struct timespec real, stepped;
    long n;

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    clock_gettime(CLOCK_REALTIME, &real);
    step_s = 3600;
    clock_gettime(CLOCK_REALTIME, &stepped);
    CHECK(stepped.tv_sec - real.tv_sec >= 3600);
    for (n = 0; n < 10; n++) {
        double start = seconds_now();
        step_s = n % 2 ? 3600 : -3600;
        CHECK_OK(export_number("main", n));
        while (stats_of(client).delivered <= (uint64_t)n) {
            CHECK(seconds_now() - start < longest_s);
            sleep_ms(2);
        }
    }
    CHECK_OK(mona_client_close(client, 5000));
    return 0;
}
