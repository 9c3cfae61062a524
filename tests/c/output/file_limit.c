/*
 * Log lines are printed from the caller's thread into a file that may not grow any more (RLIMIT_FSIZE), and into a pipe
 * that nobody reads: no signal kills the program, and one that is pending and blocked already stays.
 */
#include "../common.h"

#include <signal.h>
#include <sys/resource.h>

static int is_pending(int number)
{
    sigset_t pending;
    CHECK(sigpending(&pending) == 0);
    return sigismember(&pending, number);
}

int main(void)
{
    const int numbers[2] = {SIGXFSZ, SIGPIPE};
    struct rlimit limit = {1000, 1000};
    int ends[2], i;
    sigset_t both;

    CHECK(setenv("MONA_PRINT_LOGS", "true", 1) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (i = 0; i < 50; i++) {
        log_a_line();
    }
    CHECK(setenv("MONA_PRINT_LOGS", "stderr", 1) == 0);
    CHECK(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
    log_a_line();
    CHECK(!is_pending(SIGXFSZ) && !is_pending(SIGPIPE));

    /* The program's own. */
    CHECK(sigemptyset(&both) == 0 && sigaddset(&both, SIGXFSZ) == 0 && sigaddset(&both, SIGPIPE) == 0);
    CHECK(sigprocmask(SIG_BLOCK, &both, NULL) == 0);
    for (i = 0; i < 2; i++) {
        CHECK(raise(numbers[i]) == 0);
    }
    log_a_line();
    CHECK(setenv("MONA_PRINT_LOGS", "true", 1) == 0);
    log_a_line();
    CHECK(is_pending(SIGXFSZ) && is_pending(SIGPIPE));
    return 0;
}
