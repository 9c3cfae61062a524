/*
 * Runs a program on a terminal, without colours: `on_terminal PROGRAM ARGUMENT...`. Prints what is written there, and ends
 * as the program does.
 */
#include "../common.h"
#include "../open_terminal.h"

#include <sys/wait.h>

int main(int count, char **arguments)
{
    char text[4096];
    int status, other_side, terminal = open_terminal(&other_side);
    pid_t child = fork();
    ssize_t len;
    CHECK(count > 1 && child >= 0);
    if (child == 0) {
        CHECK(dup2(terminal, STDOUT_FILENO) == STDOUT_FILENO && dup2(terminal, STDERR_FILENO) == STDERR_FILENO);
        CHECK(close(other_side) == 0 && close(terminal) == 0);
        CHECK(setenv("TERM", "xterm", 1) == 0 && setenv("NO_COLOR", "1", 1) == 0);
        execv(arguments[1], arguments + 1);
        _exit(127);
    }
    CHECK(close(terminal) == 0);
    /* An error where nobody has the terminal any more. */
    while ((len = read(other_side, text, sizeof text)) > 0) {
        CHECK(write(STDOUT_FILENO, text, (size_t)len) == len);
    }
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
