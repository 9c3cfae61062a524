/*
 * Records and log lines on a terminal. Its other side reads late and slowly: lines arrive whole. A job in the background
 * of a terminal that stops whoever writes (`stty tostop`) is not stopped for our sake, and its own writes still do.
 */
#include "../common.h"
#include "../open_terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

enum { EVENTS = 300, FILLING = 1000 };

static void export_all(void)
{
    char filling[FILLING + 1], event[FILLING + 100];
    mona_client *client = new_client("endpoint", "stdout:");
    mona_context *context;
    int n;
    memset(filling, 'x', FILLING);
    filling[FILLING] = '\0';
    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    for (n = 0; n < EVENTS; n++) {
        snprintf(event, sizeof event, "{\"n\": %d, \"filling\": \"%s\"}", n, filling);
        CHECK_OK(mona_context_export(context, event, MONA_NTS, MONA_NOW));
    }
    CHECK_OK(mona_client_close(client, 60000));
    CHECK(stats_of(client).delivered == EVENTS);
    _exit(0);
}

static void records(void)
{
    int other_side, terminal = open_terminal(&other_side), lines = 0, status;
    char text[4096];
    size_t in_line = 0, length = 0;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(dup2(terminal, STDOUT_FILENO) == STDOUT_FILENO);
        export_all();
    }
    CHECK(close(terminal) == 0);
    sleep_ms(300);
    for (;;) {
        ssize_t count = read(other_side, text, sizeof text), i;
        if (count <= 0) {
            break;
        }
        for (i = 0; i < count; i++) {
            in_line++;
            if (text[i] == '\n') {
                /* All have one length but for the digits of their number. */
                CHECK(length == 0 || (in_line >= length && in_line <= length + 2));
                length = length == 0 ? in_line : length;
                in_line = 0;
                lines++;
            }
        }
        sleep_ms(1);
    }
    CHECK(lines == EVENTS && in_line == 0);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(close(other_side) == 0);
}

/* The leader of a session of its own, whose terminal belongs to it and not to its child. */
static int lead(int terminal)
{
    struct termios settings;
    int status;
    pid_t job;
    CHECK(setsid() >= 0);
    CHECK(ioctl(terminal, TIOCSCTTY, 0) == 0);
    CHECK(tcgetattr(terminal, &settings) == 0);
    settings.c_lflag |= TOSTOP;
    CHECK(tcsetattr(terminal, TCSANOW, &settings) == 0);
    job = fork();
    CHECK(job >= 0);
    if (job == 0) {
        CHECK(setpgid(0, 0) == 0);
        CHECK(dup2(terminal, STDOUT_FILENO) == STDOUT_FILENO);
        CHECK(setenv("MONA_PRINT_LOGS", "1", 1) == 0);
        log_a_line();
        /* Its own text stops it. */
        CHECK(write(STDOUT_FILENO, "own\n", 4) == 4);
        _exit(7);
    }
    CHECK(waitpid(job, &status, WUNTRACED) == job);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
    CHECK(kill(job, SIGKILL) == 0 && waitpid(job, &status, 0) == job);
    return 0;
}

static void background(void)
{
    int other_side, terminal = open_terminal(&other_side), status;
    char text[4096];
    ssize_t count;
    pid_t leader = fork();
    CHECK(leader >= 0);
    if (leader == 0) {
        _exit(lead(terminal));
    }
    CHECK(waitpid(leader, &status, 0) == leader && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    count = read(other_side, text, sizeof text - 1);
    CHECK(count > 0);
    text[count] = '\0';
    CHECK(strncmp(text, "mona error: ", 12) == 0 && strstr(text, "own") == NULL);
    CHECK(close(terminal) == 0 && close(other_side) == 0);
}

int main(void)
{
    records();
    background();
    return 0;
}
