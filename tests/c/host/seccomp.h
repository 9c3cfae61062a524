/* A filter that refuses some system calls with an error from now on, in all threads of the process. */
#ifndef MONA_TESTS_SECCOMP_H
#define MONA_TESTS_SECCOMP_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { MOST_REFUSED = 24 };

/* False where this system does not let us. */
static inline int refuse(const int *calls, int count, int with)
{
    struct sock_filter filter[2 * MOST_REFUSED + 2];
    struct sock_fprog program = {.filter = filter};
    int at = 0, n;
    CHECK(count <= MOST_REFUSED);
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (n = 0; n < count; n++) {
        filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[n], 0, 1);
        filter[at++] = (struct sock_filter)BPF_STMT(
            BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned)with & SECCOMP_RET_DATA));
    }
    filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = (unsigned short)at;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return 0;
    }
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

#endif
