/*
 * The thread that starts the sender is pinned, and a real-time one where that is allowed: the sender is
 * neither. Prints what kind of host thread it was.
 */
#include "../common.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>

/* The thread of that name; 0 where there is none. */
static pid_t thread_named(const char *name)
{
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    pid_t found = 0;
    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL) {
        char path[300], comm[64] = "";
        FILE *file;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        file = fopen(path, "r");
        if (file != NULL) {
            if (fscanf(file, "%63s", comm) == 1 && strcmp(comm, name) == 0) {
                found = (pid_t)atoi(entry->d_name);
            }
            fclose(file);
        }
    }
    closedir(folder);
    return found;
}

static void *start(void *argument)
{
    cpu_set_t *one = argument;
    struct sched_param highest = {.sched_priority = 1};
    int is_real_time = sched_setscheduler(0, SCHED_FIFO, &highest) == 0;
    CHECK(sched_setaffinity(0, sizeof *one, one) == 0);
    CHECK_OK(mona_current_open("PINNED", MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_OK(export_number("pinned", 1));
    CHECK_OK(mona_client_flush(mona_client_default(), 20000));
    puts(is_real_time ? "real-time" : "no real-time here");
    return NULL;
}

int main(void)
{
    cpu_set_t process, one, sender;
    pthread_t thread;
    pid_t number;
    int cpu = 0;

    CHECK(sched_getaffinity(0, sizeof process, &process) == 0);
    while (!CPU_ISSET(cpu, &process)) {
        cpu++;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK(pthread_create(&thread, NULL, start, &one) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    number = thread_named("mona-sender");
    CHECK(number != 0);
    CHECK(sched_getaffinity(number, sizeof sender, &sender) == 0);
    CHECK(CPU_EQUAL(&sender, &process));
    CHECK(sched_getscheduler(number) == SCHED_OTHER);
    return 0;
}
