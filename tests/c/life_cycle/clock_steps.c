/*
 * The wall clock jumps by an hour to and fro while events are exported: they are delivered as often as before, because
 * waits use the monotonic clock. Prints how long lay between two deliveries, without jumps and with them.
 */
#include "../common.h"

#include <sys/syscall.h>

/* How long each part lasts: some two dozen flush intervals of the default. */
static const double part_s = 5;

enum { most_deliveries = 4096 };

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

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Exports for a while; the median of the times between two deliveries, in milliseconds. */
static double cadence_ms(mona_client *client, long *n, int has_steps)
{
    static double between[most_deliveries];
    double start = seconds_now(), last = 0;
    uint64_t seen = stats_of(client).delivered;
    size_t count = 0;

    while (seconds_now() < start + part_s) {
        uint64_t delivered = stats_of(client).delivered;
        if (has_steps) {
            step_s = *n % 2 ? 3600 : -3600;
        }
        CHECK_OK(export_number("main", *n));
        *n += 1;
        if (delivered != seen) {
            double now = seconds_now();
            if (last > 0 && count < most_deliveries) {
                between[count++] = now - last;
            }
            seen = delivered;
            last = now;
        }
        sleep_ms(1);
    }
    CHECK(count >= 5);
    qsort(between, count, sizeof between[0], compare);
    return between[count / 2] * 1000;
}

int main(void)
{
    mona_client *client = mona_client_default();
    struct timespec real, stepped;
    double plain_ms, stepped_ms;
    long n = 0;

    CHECK(client != NULL);
    CHECK_OK(mona_current_open(NULL, 0, NULL, 0, MONA_NOW));
    clock_gettime(CLOCK_REALTIME, &real);
    step_s = 3600;
    clock_gettime(CLOCK_REALTIME, &stepped);
    CHECK(stepped.tv_sec - real.tv_sec >= 3600);
    step_s = 0;
    plain_ms = cadence_ms(client, &n, 0);
    stepped_ms = cadence_ms(client, &n, 1);
    CHECK_OK(mona_client_close(client, 60000));
    printf("exported=%ld plain_us=%ld stepped_us=%ld\n", n, (long)(plain_ms * 1000), (long)(stepped_ms * 1000));
    return 0;
}
