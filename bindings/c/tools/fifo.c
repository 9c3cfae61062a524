#define _POSIX_C_SOURCE 200809L /* opendir, lstat, O_ACCMODE */

#include "fifo.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATH_CAP = 600, /* /proc/PID/fdinfo/NUMBER */
    NAME_CAP = 64   /* a process has a name of 15 letters */
};

/* Whether a process opened this descriptor to read. */
static bool is_for_reading(const char *process, const char *descriptor)
{
    char path[PATH_CAP], line[NAME_CAP];
    unsigned long flags = O_WRONLY;

    snprintf(path, sizeof path, "/proc/%.20s/fdinfo/%.20s", process, descriptor);
    FILE *info = fopen(path, "r");
    if (info == NULL)
        return false;
    while (fgets(line, sizeof line, info) != NULL) {
        if (strncmp(line, "flags:", 6) == 0)
            flags = strtoul(line + 6, NULL, 8);
    }
    fclose(info);
    return (flags & O_ACCMODE) != O_WRONLY;
}

/* Whether this process reads the file. */
static bool reads(const char *process, const struct stat *file)
{
    char path[PATH_CAP];
    struct stat found;
    bool is_found = false;

    snprintf(path, sizeof path, "/proc/%.20s/fd", process);
    DIR *descriptors = opendir(path);
    if (descriptors == NULL)
        return false;
    for (struct dirent *entry; !is_found && (entry = readdir(descriptors)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", process, entry->d_name);
        is_found = stat(path, &found) == 0 && found.st_dev == file->st_dev && found.st_ino == file->st_ino
            && is_for_reading(process, entry->d_name);
    }
    closedir(descriptors);
    return is_found;
}

static void name_of(const char *process, char *name, size_t cap)
{
    char path[PATH_CAP];

    snprintf(name, cap, "?");
    snprintf(path, sizeof path, "/proc/%.20s/comm", process);
    FILE *comm = fopen(path, "r");
    if (comm == NULL)
        return;
    if (fgets(name, (int)cap, comm) != NULL)
        name[strcspn(name, "\n")] = '\0';
    fclose(comm);
}

bool fifo_describe(const char *path, char *text, size_t cap, bool *is_read)
{
    struct stat file;
    char name[NAME_CAP];

    *is_read = false;
    if (stat(path, &file) != 0 || !S_ISFIFO(file.st_mode))
        return false;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return false;
    for (struct dirent *entry; !*is_read && (entry = readdir(processes)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !reads(entry->d_name, &file))
            continue;
        *is_read = true;
        name_of(entry->d_name, name, sizeof name);
        snprintf(text, cap, "a FIFO, read by %s (process %.20s)", name, entry->d_name);
    }
    closedir(processes);
    if (!*is_read)
        snprintf(text, cap, "a FIFO that NO process seen from here reads; events wait until one does (one of another user, or "
                            "one that waits for the first event, is not seen)");
    return true;
}
