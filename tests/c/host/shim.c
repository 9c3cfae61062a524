/*
 * Preloaded: from the Nth on, so many calls of one kind fail as they do where the system has no more.
 * MONA_SHIM is `kind:N:how many`; calls of the dynamic linker and those before `shim_begin` are not
 * counted.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static char kind[16];
static int first, most;
static atomic_int counted, is_on;

void shim_begin(void);
void shim_end(void);

void shim_begin(void)
{
    const char *how = getenv("MONA_SHIM");
    if (how != NULL && sscanf(how, "%15[^:]:%d:%d", kind, &first, &most) == 3) {
        atomic_store(&is_on, 1);
    }
}

void shim_end(void) { atomic_store(&is_on, 0); }

static int fails(const char *what)
{
    int number;
    if (!atomic_load(&is_on) || strcmp(kind, what) != 0) {
        return 0;
    }
    number = atomic_fetch_add(&counted, 1) + 1;
    return number >= first && number < first + most;
}

/* A function pointer and an object pointer are no relatives in C. */
static void real(const char *name, void *into)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (symbol == NULL) {
        abort();
    }
    memcpy(into, &symbol, sizeof symbol);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (fails("thread")) {
        return EAGAIN;
    }
    real("pthread_create", &next);
    return next(thread, attributes, body, argument);
}

int socket(int domain, int type, int protocol)
{
    int (*next)(int, int, int);
    if (fails("socket")) {
        errno = EMFILE;
        return -1;
    }
    real("socket", &next);
    return next(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int pair[2])
{
    int (*next)(int, int, int, int *);
    if (fails("socket")) {
        errno = EMFILE;
        return -1;
    }
    real("socketpair", &next);
    return next(domain, type, protocol, pair);
}

static int open_by(const char *name, const char *path, int flags, unsigned mode)
{
    int (*next)(const char *, int, ...);
    if (fails("open")) {
        errno = EMFILE;
        return -1;
    }
    real(name, &next);
    return next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    unsigned mode;
    va_start(rest, flags);
    mode = va_arg(rest, unsigned);
    va_end(rest);
    return open_by("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    unsigned mode;
    va_start(rest, flags);
    mode = va_arg(rest, unsigned);
    va_end(rest);
    return open_by("open64", path, flags, mode);
}

int poll(struct pollfd *waits, nfds_t count, int limit)
{
    int (*next)(struct pollfd *, nfds_t, int);
    if (fails("poll")) {
        errno = ENOMEM;
        return -1;
    }
    real("poll", &next);
    return next(waits, count, limit);
}
