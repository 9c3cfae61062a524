/*
 * What the calling thread asks of the system: system calls and heap allocations, in a closed loop and at
 * 100 000 events a second. System calls are counted by a filter that hands each one to another thread, which
 * lets it go on; allocations by standing in front of the C library's. Both see this thread alone: the filter
 * comes after the sender thread, which it does not touch, and so nothing holds the sender up.
 */
#include "subject.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

enum { CALLS = 100000, GAP_NS = 10000, MOST_NUMBER = 512 };

static _Thread_local long allocations, frees;

/* The C library's own, under the names that it keeps for such stand-ins. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    allocations++;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory)
{
    frees += memory != NULL;
    __libc_free(memory);
}

static atomic_long system_calls[MOST_NUMBER];
static atomic_int listener = -1;

/* Lets every system call of the filtered thread go on, and counts it. */
static void *watch(void *unused)
{
    (void)unused;
    while (atomic_load(&listener) < 0) {
        sleep_ms(1);
    }
    for (;;) {
        struct seccomp_notif asked;
        struct seccomp_notif_resp answer;
        memset(&asked, 0, sizeof asked);
        memset(&answer, 0, sizeof answer);
        if (ioctl(atomic_load(&listener), SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
            if (errno == EINTR || errno == ENOENT) {
                continue;
            }
            return NULL;
        }
        if (asked.data.nr >= 0 && asked.data.nr < MOST_NUMBER) {
            atomic_fetch_add(&system_calls[asked.data.nr], 1);
        }
        answer.id = asked.id;
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        (void)ioctl(atomic_load(&listener), SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}

/* From here on every system call of this thread is counted; false: this system cannot do it. */
static int count_system_calls(void)
{
    struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = { 1, &all };
    pthread_t watcher;
    long made;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return 0;
    }
    EXPECT(pthread_create(&watcher, NULL, watch, NULL) == 0);
    made = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (made < 0) {
        return 0;
    }
    atomic_store(&listener, (int)made);
    return 1;
}

/* The calls that a library like this one is likely to make. */
static const char *name_of(int number)
{
    static const struct {
        int number;
        const char *name;
    } known[] = {
        { SYS_futex, "futex" },       { SYS_clock_nanosleep, "clock_nanosleep" },
        { SYS_sendto, "sendto" },     { SYS_write, "write" },
        { SYS_brk, "brk" },           { SYS_mmap, "mmap" },
        { SYS_munmap, "munmap" },     { SYS_mprotect, "mprotect" },
        { SYS_madvise, "madvise" },   { SYS_mremap, "mremap" },
        { SYS_clock_gettime, "clock_gettime" },
    };
    size_t at;
    for (at = 0; at < sizeof known / sizeof known[0]; at++) {
        if (known[at].number == number) {
            return known[at].name;
        }
    }
    return "another one";
}

/* Takes the counts and says to a person which they were. */
static long take_system_calls(const char *name)
{
    long sum = 0;
    int number;
    for (number = 0; number < MOST_NUMBER; number++) {
        long made = atomic_exchange(&system_calls[number], 0);
        if (made > 0 && name != NULL) {
            fprintf(stderr, "%s: system call %d (%s), %ld times\n", name, number, name_of(number), made);
        }
        sum += made;
    }
    return sum;
}

/* A count of nothing means something only from what can count. */
static void check_counts(int knows_calls)
{
    long allocated = allocations, freed = frees;
    void *volatile memory = malloc(1);
    free(memory);
    EXPECT(allocations == allocated + 1 && frees == freed + 1);
    (void)take_system_calls(NULL);
    (void)syscall(SYS_getppid);
    EXPECT(!knows_calls || take_system_calls(NULL) == 1);
}

static void loop(const struct subject *subject, uint64_t gap)
{
    uint64_t next = ticks();
    long n;
    for (n = 0; n < CALLS; n++) {
        while (gap > 0 && ticks() < next) {
        }
        subject->call(&subject->target, n);
        next += gap;
    }
}

/* Counts 100 000 calls after as many unseen ones. The lines are printed at the end, because printing is a
 * system call too. */
static void count(const struct subject *subject, const char *name, uint64_t gap, int knows_calls)
{
    long allocated, freed, called;
    char line[80];
    loop(subject, gap);
    allocated = allocations;
    freed = frees;
    (void)take_system_calls(NULL);
    loop(subject, gap);
    called = take_system_calls(name);
    allocated = allocations - allocated;
    freed = frees - freed;
    snprintf(line, sizeof line, "caller.allocations.%s", name);
    print_once(line, "per-100k-calls", (double)allocated);
    snprintf(line, sizeof line, "caller.frees.%s", name);
    print_once(line, "per-100k-calls", (double)freed);
    snprintf(line, sizeof line, "caller.system_calls.%s", name);
    if (knows_calls) {
        print_once(line, "per-100k-calls", (double)called);
    } else {
        print_missing(line, "the system has no seccomp notifications");
    }
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    mona_client *client = client_with("endpoint", "null:", NULL);
    struct subject typed = subject_typed(client), json = subject_json(client);
    uint64_t gap = (uint64_t)(GAP_NS / ns_per_tick());
    int knows_calls;
    (void)asked;
    loop(&typed, 0);
    loop(&json, 0);
    knows_calls = count_system_calls();
    check_counts(knows_calls);
    count(&typed, "typed.steady", gap, knows_calls);
    count(&json, "json.steady", gap, knows_calls);
    count(&typed, "typed.closed", 0, knows_calls);
    count(&json, "json.closed", 0, knows_calls);
    EXPECT(subject_refused() == 0);
    fflush(stdout);
    /* This thread's filter stays; an orderly end goes through it too. */
    EXPECT(mona_client_close(client, 5000) == MONA_OK);
    _exit(0);
}
