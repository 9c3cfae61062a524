/*
 * A host that closes every descriptor above 2 while it runs, and uses the numbers again. Events go on
 * arriving, nothing of the host's is read, written or closed, also by a forked child, and nobody spins.
 * Arguments: which kind of stranger comes first, and the config file, rewritten after each turn.
 * Prints the processor time and the wall time of the quiet seconds.
 */
#include "../common.h"
#include "strangers.h"

#include <sys/resource.h>
#include <sys/wait.h>

static double busy_ms(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void export_some(mona_context *context, const char *who, long from)
{
    long n;
    for (n = from; n < from + 20; n++) {
        CHECK_OK(context_export_number(context, who, n));
        sleep_ms(5);
    }
}

static void rewrite(const char *path, int turn)
{
    char text[64];
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int length = snprintf(text, sizeof text, "{\"log_level\": \"%s\"}", turn % 2 ? "error" : "warn");
    CHECK(file >= 0);
    CHECK(write(file, text, (size_t)length) == length);
    close(file);
}

int main(int count, char **arguments)
{
    int first = count > 1 ? atoi(arguments[1]) : 0;
    const char *config = count > 2 ? arguments[2] : NULL;
    mona_client *client = new_client(NULL, NULL);
    mona_context *context = NULL;
    double busy, wall;
    int turn;

    CHECK_OK(mona_context_new(client, "ARC", MONA_NTS, NULL, 0, MONA_NOW, &context));
    export_some(context, "host", 0);
    CHECK_OK(mona_client_flush(client, 60000));
    for (turn = 1; turn <= 3; turn++) {
        int child_status = 0;
        pid_t child;
        /* At the end of the second turn the library sleeps for long. */
        sleep_ms(turn == 2 ? 1500 : 50);
        close_everything();
        put_strangers(first + turn);
        child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            check_strangers();
            export_some(context, "child", turn * 20L);
            CHECK_OK(mona_client_close(client, 60000));
            _exit(0);
        }
        CHECK(waitpid(child, &child_status, 0) == child);
        CHECK(WIFEXITED(child_status) && WEXITSTATUS(child_status) == 0);
        /* The child read them empty. */
        close_everything();
        put_strangers(first + turn + 1);
        busy = busy_ms();
        wall = seconds_now();
        export_some(context, "host", turn * 20L);
        CHECK_OK(mona_client_flush(client, 60000));
        if (config != NULL) {
            uint64_t reloads = stats_of(client).config_reloads;
            double end = seconds_now() + 60;
            rewrite(config, turn);
            while (stats_of(client).config_reloads == reloads) {
                CHECK(seconds_now() < end);
                sleep_ms(20);
            }
        }
        printf("busy_us=%ld wall_ms=%ld\n", (long)((busy_ms() - busy) * 1e3),
               (long)((seconds_now() - wall) * 1e3));
        check_strangers();
    }
    check_ledger(client);
    mona_context_free(context);
    CHECK_OK(mona_client_close(client, 60000));
    mona_client_free(client);
    return 0;
}
