/*
 * System calls are refused, before the library starts or while it runs: the host lives, nothing spins,
 * every event is accounted for. Arguments: the group, the error, and `before` or `after`.
 * Prints the processor time of a few seconds in which an event comes now and then.
 */
#include "../common.h"
#include "seccomp.h"

#include <sys/resource.h>

struct group {
    const char *name;
    int calls[MOST_REFUSED];
};

/* -1 ends the list; what an architecture does not have is left out. */
static const struct group groups[] = {
    {"socket", {SYS_socket, -1}},
    {"connect", {SYS_connect, -1}},
    {"poll", {
#ifdef SYS_poll
        SYS_poll,
#endif
        SYS_ppoll, -1}},
    {"send", {SYS_sendto, SYS_sendmsg, SYS_writev, -1}},
    {"receive", {SYS_recvfrom, SYS_recvmsg, SYS_readv, -1}},
    {"sleep", {SYS_nanosleep, SYS_clock_nanosleep, -1}},
    {"open", {
#ifdef SYS_open
        SYS_open,
#endif
        SYS_openat, -1}},
    {"stat", {
#ifdef SYS_stat
        SYS_stat, SYS_lstat,
#endif
        SYS_fstat, SYS_newfstatat, SYS_statx, -1}},
    {"inotify", {
#ifdef SYS_inotify_init
        SYS_inotify_init,
#endif
        SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch, -1}},
    {"random", {SYS_getrandom, -1}},
    {"thread", {SYS_clone,
#ifdef SYS_clone3
        SYS_clone3,
#endif
        -1}},
    {"options", {SYS_fcntl, SYS_setsockopt, SYS_getsockopt, SYS_getsockname, SYS_getpeername, SYS_shutdown, -1}},
    {"pair", {SYS_socketpair, SYS_eventfd2, SYS_pipe2, -1}},
    {"memory", {SYS_madvise, SYS_mremap, SYS_mprotect, -1}},
    {"clock", {SYS_clock_gettime, SYS_gettimeofday, SYS_sched_yield, SYS_sched_getaffinity,
               SYS_sched_setaffinity, SYS_prctl, SYS_rt_sigprocmask, SYS_sigaltstack, -1}},
};

static double busy_ms(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void refuse_group(const char *name, int with)
{
    size_t n;
    int count = 0;
    for (n = 0; n < sizeof groups / sizeof *groups; n++) {
        if (strcmp(groups[n].name, name) == 0) {
            while (groups[n].calls[count] != -1) {
                count++;
            }
            if (!refuse(groups[n].calls, count, with)) {
                puts("no seccomp here");
                fflush(stdout);
                _exit(0);
            }
            return;
        }
    }
    CHECK(!"a group of that name");
}

/* Without a call that may be refused. */
static void rest(double seconds)
{
    double end = seconds_now() + seconds;
    static int never;
    while (seconds_now() < end) {
        struct timespec wait = {0, 20 * 1000 * 1000};
        syscall(SYS_futex, &never, 0 /* FUTEX_WAIT */, 0, &wait, NULL, 0);
    }
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";
    int with = count > 2 && strcmp(arguments[2], "ENOSYS") == 0 ? ENOSYS : EPERM;
    int is_before = count > 3 && strcmp(arguments[3], "before") == 0;
    mona_client *client = NULL;
    mona_context *context = NULL;
    double busy, wall;
    long n;

    if (is_before) {
        refuse_group(name, with);
    }
    if (mona_client_new(NULL, &client) != MONA_OK) {
        /* Without a file that it is told to read there is none; that is an answer. */
        puts("busy_us=0 wall_ms=1 no client");
        fflush(stdout);
        _exit(0);
    }
    CHECK_OK(mona_context_new(client, "REFUSED", MONA_NTS, NULL, 0, MONA_NOW, &context));
    CHECK_OK(context_export_number(context, "host", 0));
    rest(0.3);
    if (!is_before) {
        refuse_group(name, with);
    }
    rest(0.2);
    busy = busy_ms();
    wall = seconds_now();
    for (n = 1; n <= 8; n++) {
        CHECK_OK(context_export_number(context, "host", n));
        rest(0.25);
    }
    printf("busy_us=%ld wall_ms=%ld delivered=%ld\n", (long)((busy_ms() - busy) * 1e3),
           (long)((seconds_now() - wall) * 1e3), (long)stats_of(client).delivered);
    fflush(stdout);
    check_ledger(client);
    MONA_IGNORE(mona_client_flush(client, 200));
    MONA_IGNORE(mona_client_close(client, 500));
    check_ledger(client);
    _exit(0);
}
