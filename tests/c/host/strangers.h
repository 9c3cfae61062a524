/*
 * Descriptors of the host at numbers that were the library's: pipes, sockets, files, eventfds and an
 * inotify, each with something known in it. `check_strangers` says whether anybody read, wrote, moved
 * or closed one of them.
 */
#ifndef MONA_TESTS_STRANGERS_H
#define MONA_TESTS_STRANGERS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FIRST = 3, LAST = 40, AWAY = 200 };

#define KNOWN "known"

enum kind { PIPE, SOCKET, PLAIN_FILE, EVENTFD, INOTIFY, EPOLL, KINDS };

struct stranger {
    int is_there;
    enum kind kind;
    ino_t inode;
    int peer;
};

static struct stranger strangers[LAST + 1];

/* Closes everything above the standard descriptors, as some daemons do. */
static inline void close_everything(void)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3, ~0U, 0) == 0) {
        return;
    }
#endif
    {
        int number;
        for (number = 3; number < 1024; number++) {
            close(number);
        }
    }
}

/* Opens something at the lowest number that is free, and says which that was. */
static inline int put_stranger(enum kind kind)
{
    struct stranger *stranger;
    struct stat seen;
    int peer = -1;
    int pair[2] = {-1, -1};
    int fresh = -1;
    switch (kind) {
    case PIPE:
        CHECK(pipe(pair) == 0);
        CHECK(write(pair[1], KNOWN, 5) == 5);
        break;
    case SOCKET:
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
        CHECK(write(pair[1], KNOWN, 5) == 5);
        break;
    case PLAIN_FILE:
        fresh = open(".", O_TMPFILE | O_RDWR, 0600);
        CHECK(fresh >= 0);
        CHECK(write(fresh, KNOWN, 5) == 5);
        CHECK(lseek(fresh, 0, SEEK_SET) == 0);
        break;
    case EVENTFD:
        fresh = eventfd(7, EFD_NONBLOCK);
        break;
    case INOTIFY:
        fresh = inotify_init1(IN_NONBLOCK);
        CHECK(inotify_add_watch(fresh, ".", IN_CREATE) >= 0);
        break;
    default:
        fresh = epoll_create1(0);
        break;
    }
    if (pair[1] >= 0) {
        peer = fcntl(pair[1], F_DUPFD, AWAY);
        CHECK(peer >= 0);
        close(pair[1]);
        fresh = pair[0];
    }
    CHECK(fresh >= 0);
    if (fresh <= LAST) {
        CHECK(fstat(fresh, &seen) == 0);
        stranger = &strangers[fresh];
        stranger->is_there = 1;
        stranger->kind = kind;
        stranger->inode = seen.st_ino;
        stranger->peer = peer;
    }
    return fresh;
}

/* Takes every low number that the library is not quicker to take again, with kind after kind from `first` on. */
static inline void put_strangers(int first)
{
    int number, last = 0;
    for (number = FIRST; number <= LAST; number++) {
        strangers[number].is_there = 0;
    }
    for (number = first; last < LAST; number++) {
        last = put_stranger((enum kind)(number % KINDS));
    }
}

static inline void check_stranger(int number)
{
    const struct stranger *stranger = &strangers[number];
    struct stat seen;
    char text[16] = "";
    uint64_t counted = 0;
    if (!stranger->is_there) {
        return;
    }
    if (fstat(number, &seen) != 0 || seen.st_ino != stranger->inode) {
        fprintf(stderr, "descriptor %d, kind %d, is not the host's any more\n", number, (int)stranger->kind);
        _exit(1);
    }
    switch (stranger->kind) {
    case PIPE:
        CHECK(read(number, text, sizeof text) == 5 && memcmp(text, KNOWN, 5) == 0);
        break;
    case SOCKET:
        CHECK(recv(number, text, sizeof text, MSG_DONTWAIT) == 5 && memcmp(text, KNOWN, 5) == 0);
        CHECK(recv(stranger->peer, text, sizeof text, MSG_DONTWAIT) == -1 && errno == EAGAIN);
        CHECK(send(number, "x", 1, MSG_NOSIGNAL) == 1);
        break;
    case PLAIN_FILE:
        CHECK(lseek(number, 0, SEEK_CUR) == 0);
        CHECK(seen.st_size == 5);
        CHECK(read(number, text, sizeof text) == 5 && memcmp(text, KNOWN, 5) == 0);
        break;
    case EVENTFD:
        CHECK(read(number, &counted, sizeof counted) == sizeof counted && counted == 7);
        break;
    case INOTIFY:
        CHECK(inotify_rm_watch(number, 1) == 0);
        break;
    default:
        CHECK(epoll_wait(number, &(struct epoll_event){0}, 1, 0) == 0);
        break;
    }
    close(number);
    if (stranger->kind == PIPE || stranger->kind == SOCKET) {
        close(stranger->peer);
    }
}

static inline void check_strangers(void)
{
    int number;
    for (number = FIRST; number <= LAST; number++) {
        check_stranger(number);
    }
}

#endif
