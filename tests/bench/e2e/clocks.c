/* CPU time of threads, from the kernel's own count in nanoseconds. */
#include "e2e.h"

static double read_clock(clockid_t clock)
{
    struct timespec now;
    EXPECT(clock_gettime(clock, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double cpu_of_this_thread(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double cpu_of_other_threads(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_of_this_thread();
}
