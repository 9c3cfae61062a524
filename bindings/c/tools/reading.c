#define _POSIX_C_SOURCE 200809L /* fork, pipe, poll */

#include "reading.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inspect.h"
#include "progress.h"

enum {
    LOOK_MS = 100, /* between two looks: a bar that moves */
    PATH_CAP = 64  /* /proc/PID/io */
};

/* Bytes that a process has read so far, from whatever. */
static bool bytes_read(pid_t process, uint64_t *bytes)
{
    char path[PATH_CAP];
    snprintf(path, sizeof path, "/proc/%ld/io", (long)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    bool is_told = fscanf(file, "rchar: %" SCNu64, bytes) == 1;
    fclose(file);
    return is_told;
}

/* Shows how far `reader` is until the other end of `pipe` is closed, or it has ended. */
static void show(pid_t reader, uint64_t before, const struct held *held, int pipe)
{
    struct pollfd closed = {.fd = pipe, .events = POLLIN};
    struct progress progress;
    uint64_t now;

    progress_begin(&progress, 0);
    do {
        if (!bytes_read(reader, &now))
            break;
        double share = held->bytes > 0 ? (double)(now - before) / (double)held->bytes : 0;
        progress_show(&progress, (uint64_t)((share < 1 ? share : 1) * (double)held->events), held->events);
    } while (poll(&closed, 1, LOOK_MS) == 0);
    progress_clear(&progress);
}

void reading_begin(struct reading *reading, const char *dir)
{
    struct held held, owned;
    uint64_t before;
    int ends[2];
    pid_t reader = getpid();

    *reading = (struct reading){.shower = -1, .pipe = -1};
    /* What is wrong is told by whoever reads. */
    if (inspect_look(dir, &held, &owned) != MONA_OK || !bytes_read(reader, &before) || pipe(ends) != 0)
        return;
    held.events += owned.events;
    held.bytes += owned.bytes;
    reading->shower = fork();
    if (reading->shower == 0) {
        close(ends[1]);
        show(reader, before, &held, ends[0]);
        _exit(0);
    }
    close(ends[0]);
    reading->pipe = ends[1];
}

void reading_end(struct reading *reading)
{
    if (reading->pipe >= 0)
        close(reading->pipe);
    if (reading->shower > 0)
        (void)waitpid(reading->shower, NULL, 0);
    *reading = (struct reading){.shower = -1, .pipe = -1};
}
