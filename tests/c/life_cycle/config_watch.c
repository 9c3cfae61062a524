/*
 * What the watch over the config file has in this process: threads deaf to signals, and descriptors that no
 * child has and that are gone after the close (`kept`), or that the host took away (`taken`).
 */
#include "../common.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { KINDS = 3, TRIES = 1000 };

static const char *const kinds[KINDS] = {
    "anon_inode:[eventpoll]", "anon_inode:inotify", "anon_inode:[eventfd]"
};

/* How many descriptors of these kinds are open; `last` gets one of each. */
static int of_watch(int last[KINDS])
{
    int count = 0, kind, fd;
    for (fd = 0; fd < 256; fd++) {
        char path[64], link[64];
        ssize_t length;
        sprintf(path, "/proc/self/fd/%d", fd);
        length = readlink(path, link, sizeof link - 1);
        link[length < 0 ? 0 : length] = 0;
        for (kind = 0; kind < KINDS; kind++) {
            if (strcmp(link, kinds[kind]) == 0) {
                last[kind] = fd;
                count++;
            }
        }
    }
    return count;
}

static void wait_for(int count)
{
    int last[KINDS], tries = TRIES;
    while (of_watch(last) != count) {
        CHECK(tries-- > 0);
        sleep_ms(10);
    }
}

static void check_signals_blocked(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int others = 0;
    CHECK(tasks != NULL);
    while ((task = readdir(tasks)) != NULL) {
        char path[300], line[256];
        unsigned long long blocked = 0;
        FILE *status;
        if (atoi(task->d_name) == 0 || atoi(task->d_name) == getpid()) {
            continue;
        }
        sprintf(path, "/proc/self/task/%s/status", task->d_name);
        status = fopen(path, "r");
        CHECK(status != NULL);
        while (fgets(line, sizeof line, status) != NULL) {
            sscanf(line, "SigBlk: %llx", &blocked);
        }
        fclose(status);
        CHECK((blocked >> (SIGUSR1 - 1) & 1) && (blocked >> (SIGTERM - 1) & 1));
        others++;
    }
    closedir(tasks);
    /* The sender, the watch, and the one more that notify has. */
    CHECK(others == 3);
}

/* Descriptors are there for a moment before the library knows which they are. */
static void wait_until_known(void)
{
    int status = 1, tries = TRIES, last[KINDS];
    while (status != 0) {
        pid_t child = fork();
        CHECK(tries-- > 0);
        CHECK(child >= 0);
        if (child == 0) {
            _exit(of_watch(last) != 0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        sleep_ms(status == 0 ? 0 : 10);
    }
}

static void check_child(void)
{
    int status = 0, last[KINDS];
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(of_watch(last) == 0);
        CHECK_OK(mona_current_open("CHILD", MONA_NTS, NULL, 0, MONA_NOW));
        wait_for(KINDS);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void rewrite_and_wait(const char *path, const char *text)
{
    uint64_t before = stats_of(mona_client_default()).config_reloads;
    int tries = TRIES;
    FILE *config = fopen(path, "w");
    CHECK(config != NULL);
    CHECK(fputs(text, config) >= 0);
    CHECK(fclose(config) == 0);
    while (stats_of(mona_client_default()).config_reloads == before) {
        CHECK(tries-- > 0);
        sleep_ms(10);
    }
}

/* The host closes what is not its own, and its pipes get the numbers. */
static void take_away(int ends[2], const int last[KINDS])
{
    int kind;
    CHECK(pipe(ends) == 0);
    CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    for (kind = 0; kind < KINDS; kind++) {
        CHECK(dup2(ends[1], last[kind]) == last[kind]);
    }
}

int main(int argc, char **argv)
{
    int last[KINDS], ends[2], kind;
    char byte;
    CHECK(argc == 3);
    CHECK_OK(mona_current_open("PARENT", MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_OK(export_number("parent", 0));
    wait_for(KINDS);
    CHECK_OK(mona_client_flush(mona_client_default(), 5000));
    check_signals_blocked();
    wait_until_known();
    check_child();
    rewrite_and_wait(argv[2], "{\"disable_all\": true}");
    if (strcmp(argv[1], "kept") == 0) {
        CHECK_OK(mona_client_close(mona_client_default(), 5000));
        wait_for(0);
        return 0;
    }
    CHECK(of_watch(last) == KINDS);
    take_away(ends, last);
    rewrite_and_wait(argv[2], "{\"disable_all\": false}");
    CHECK_OK(mona_client_close(mona_client_default(), 5000));
    sleep_ms(300);
    CHECK(read(ends[0], &byte, 1) == -1 && errno == EAGAIN);
    for (kind = 0; kind < KINDS; kind++) {
        CHECK(fcntl(last[kind], F_GETFD) != -1);
    }
    return 0;
}
