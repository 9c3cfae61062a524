/* Everything that belongs to the host is after a full cycle as it was before. */
#include "../common.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>

enum { SIGNALS = 65 };

extern char **environ;

struct surroundings {
    struct sigaction actions[SIGNALS];
    sigset_t mask;
    int descriptors;
    int threads;
    mode_t umask;
    char folder[4096];
    char locale[256];
    char **environment;
    int variables;
};

static void look(struct surroundings *seen)
{
    int n;
    memset(seen, 0, sizeof *seen);
    for (n = 1; n < SIGNALS; n++) {
        (void)sigaction(n, NULL, &seen->actions[n]);
    }
    CHECK(sigprocmask(SIG_BLOCK, NULL, &seen->mask) == 0);
    seen->descriptors = descriptors();
    seen->threads = threads();
    seen->umask = umask(0);
    umask(seen->umask);
    CHECK(getcwd(seen->folder, sizeof seen->folder) != NULL);
    snprintf(seen->locale, sizeof seen->locale, "%s", setlocale(LC_ALL, NULL));
    seen->environment = environ;
    for (seen->variables = 0; environ[seen->variables] != NULL; seen->variables++) {
    }
}

static void run_cycle(void)
{
    mona_client *client = new_client("event_id", "true");
    mona_context *context = NULL;
    long n;

    CHECK_OK(mona_context_new(client, "ARC", MONA_NTS, NULL, 0, MONA_NOW, &context));
    for (n = 0; n < 1000; n++) {
        CHECK_OK(context_export_number(context, "main", n));
    }
    CHECK_OK(mona_client_flush(client, 60000));
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
}

int main(void)
{
    static struct surroundings before, after;
    double end = seconds_now() + 60;
    sigset_t blocked;
    int n;

    umask(027);
    CHECK(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGWINCH);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);

    look(&before);
    run_cycle();
    /* A thread that was told to stop may still be on its way out. */
    while ((threads() > before.threads || descriptors() > before.descriptors) && seconds_now() < end) {
        sleep_ms(5);
    }
    look(&after);

    for (n = 1; n < SIGNALS; n++) {
        CHECK(before.actions[n].sa_handler == after.actions[n].sa_handler);
        CHECK(before.actions[n].sa_flags == after.actions[n].sa_flags);
    }
    for (n = 1; n < SIGNALS; n++) {
        CHECK(sigismember(&before.mask, n) == sigismember(&after.mask, n));
    }
    CHECK(before.descriptors == after.descriptors);
    CHECK(before.threads == after.threads);
    CHECK(before.umask == after.umask);
    CHECK(strcmp(before.folder, after.folder) == 0);
    CHECK(strcmp(before.locale, after.locale) == 0);
    CHECK(before.environment == after.environment && before.variables == after.variables);
    return 0;
}
