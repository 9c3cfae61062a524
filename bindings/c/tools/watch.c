#define _POSIX_C_SOURCE 200809L /* fork, pselect, sigaction */

#include "watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

enum {
    FIRST_FRAME = 16 * 1024, /* what most looks print; the room doubles with what comes */
    TIME_CAP = 32
};

/* What a look printed. */
struct frame {
    char *text;
    size_t len, room;
};

static volatile sig_atomic_t is_over;

static void end(int number)
{
    (void)number;
    is_over = 1;
}

/* The signals that end it are held back but for the waits, so that none comes between a look and a wait. */
static sigset_t while_waiting;

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = end};
    sigset_t held;

    sigemptyset(&action.sa_mask);
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &while_waiting);
    sigdelset(&while_waiting, SIGINT);
    sigdelset(&while_waiting, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* Whoever stops reading ends it: writing says so. */
    signal(SIGPIPE, SIG_IGN);
    /* Ignored by whoever started us, children could not be waited for. */
    signal(SIGCHLD, SIG_DFL);
}

/* Waits until something can be read, or for so long; false after a signal too. */
static bool wait_for(int descriptor, const struct timespec *most)
{
    fd_set readable;
    FD_ZERO(&readable);
    if (descriptor >= 0)
        FD_SET(descriptor, &readable);
    return pselect(descriptor + 1, &readable, NULL, NULL, most, &while_waiting) > 0;
}

/* The process of one look, whose output goes to `*output`. */
static pid_t begin(const struct watch *watch, int *output)
{
    int ends[2];

    fflush(stdout);
    if (pipe(ends) != 0)
        return -1;
    pid_t process = fork();
    if (process == 0) {
        /* Ctrl-C goes to all processes of a terminal; the one that watches ends this one. */
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, &while_waiting, NULL);
        dup2(ends[1], STDOUT_FILENO);
        /* What is said beside the report would be painted over. */
        if (watch->in_place)
            dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        int status = watch->look(watch->whose);
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
    if (process < 0)
        close(ends[0]);
    *output = ends[0];
    return process;
}

/* Makes room for more; false where there is no memory. */
static bool grow(struct frame *frame)
{
    size_t room = frame->room > 0 ? 2 * frame->room : FIRST_FRAME;
    char *text = realloc(frame->text, room);

    if (text == NULL)
        return false;
    frame->text = text;
    frame->room = room;
    return true;
}

/* Reads what a look prints, all of it: half a report is none. False once it is over, or where there is no memory. */
static bool read_all(int output, struct frame *frame)
{
    frame->len = 0;
    for (;;) {
        while (!wait_for(output, NULL)) {
            if (is_over)
                return false;
        }
        if (frame->len == frame->room && !grow(frame))
            return false;
        ssize_t count = read(output, frame->text + frame->len, frame->room - frame->len);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return true;
        frame->len += (size_t)count;
    }
}

/* One look: its status, or -1 where it was ended. */
static int look(const struct watch *watch, struct frame *frame)
{
    int output, found = -1;
    pid_t ended, process = begin(watch, &output);

    if (process < 0)
        return -1;
    bool is_whole = read_all(output, frame);
    if (!is_whole)
        kill(process, SIGKILL);
    close(output);
    while ((ended = waitpid(process, &found, 0)) < 0 && errno == EINTR) {
    }
    return is_whole && ended == process && WIFEXITED(found) ? WEXITSTATUS(found) : -1;
}

static void put_time(char *text, const char *format, time_t now)
{
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL || strftime(text, TIME_CAP, format, &parts) == 0)
        snprintf(text, TIME_CAP, "?");
}

/* Shows a look in the place of the one before, as much as the terminal has rows for. */
static void paint(const struct frame *frame, const char *heading)
{
    int rows = terminal_rows();
    const char *at = frame->text, *frame_end = at + frame->len;

    /* Without wrapped lines, so that rows can be counted. */
    printf("\033[?7l\033[H\033[K%s%s%s\r\n", terminal_colour("\033[2m"), heading, terminal_plain());
    for (int row = 1; at < frame_end && row < rows; row++) {
        const char *line_end = memchr(at, '\n', (size_t)(frame_end - at));
        const char *stop = line_end != NULL ? line_end : frame_end;
        bool is_cut = row == rows - 1 && stop + 1 < frame_end;
        /* First: behind a line that fills its row it would take the last letter. */
        printf("\033[K");
        if (is_cut)
            printf("... more; a higher window shows it");
        else
            fwrite(at, 1, (size_t)(stop - at), stdout);
        printf("%s", row < rows - 1 ? "\r\n" : "");
        at = stop + (line_end != NULL);
    }
    printf("\033[J\033[?7h");
    fflush(stdout);
}

/* Since when it has been as it is, and what it was before. */
struct change {
    int status;
    unsigned looks;
    char since[TIME_CAP];
};

static void note(struct change *change, int status, const char *now)
{
    if (change->looks++ > 0 && change->status == status)
        return;
    change->status = status;
    snprintf(change->since, sizeof change->since, "%s", now);
}

int watch_run(const struct watch *watch)
{
    struct frame frame = {.text = NULL};
    char now[TIME_CAP], heading[160];
    const struct timespec pause
        = {.tv_sec = watch->pause_ms / 1000, .tv_nsec = (long)(watch->pause_ms % 1000) * 1000000};
    struct change change = {.status = watch->without};

    catch_signals();
    if (watch->in_place)
        printf("\033[2J");
    while (!is_over) {
        /* The window may have another size by now. */
        terminal_measure();
        int status = look(watch, &frame);
        if (status < 0) {
            if (!is_over) {
                fputs("mona-doctor: a look could not be made, or broke off\n", stderr);
                change.status = watch->without;
            }
            break;
        }
        put_time(now, "%H:%M:%S", time(NULL));
        note(&change, status, now);
        /* Nobody may read what is written now; the signals end that, too. */
        sigset_t held;
        sigprocmask(SIG_SETMASK, &while_waiting, &held);
        if (watch->in_place) {
            snprintf(heading, sizeof heading, "%s  every %g s, Ctrl-C ends; %s since %s, look %u", now,
                     watch->pause_ms / 1000.0, status == 0 ? "well" : "NOT well", change.since, change.looks);
            paint(&frame, heading);
        } else {
            fwrite(frame.text, 1, frame.len, stdout);
        }
        bool is_written = fflush(stdout) == 0 && !ferror(stdout);
        sigprocmask(SIG_SETMASK, &held, NULL);
        if (!is_written)
            break;
        (void)wait_for(-1, &pause);
    }
    if (watch->in_place)
        printf("\r\n");
    free(frame.text);
    return change.status;
}
