/*
 * A child that another thread forks in the middle of the library's first call: it uses the library, and waits for
 * nothing that its parent was about to do.
 */
#include "../common.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>

static int has_forked;

static void *fork_child(void *unused)
{
    int status = 0;
    pid_t child = fork();
    (void)unused;
    CHECK(child >= 0);
    if (child == 0) {
        mona_client *client;
        /* Instead of a wait for ever. */
        (void)alarm(60);
        client = new_client(NULL, NULL);
        CHECK_OK(mona_client_close(client, 60000));
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return NULL;
}

typedef int registering(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *object);

registering __register_atfork;

/* What the C library has behind pthread_atfork. */
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *object)
{
    registering *real;
    void *found = dlsym(RTLD_NEXT, "__register_atfork");
    CHECK(found != NULL);
    memcpy(&real, &found, sizeof real);
    if (!has_forked) {
        pthread_t thread;
        has_forked = 1;
        CHECK(pthread_create(&thread, NULL, fork_child, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    return real(prepare, parent, child, object);
}

int main(void)
{
    mona_client *client = new_client(NULL, NULL);
    CHECK(has_forked);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return 0;
}
