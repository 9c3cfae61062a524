/*
 * A disk with a sector that it does not read: loaded into a host by LD_PRELOAD, it fails each read of one byte of a file.
 *
 *     SECTOR_FILE   the end of the path of the file
 *     SECTOR_AT     where in it the byte is
 *     SECTOR_WHILE  a file: the sector is bad as long as it is there
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t reading(int fd, void *bytes, size_t len, off64_t at);

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at);
ssize_t pread(int fd, void *bytes, size_t len, off_t at);

static int is_bad(int fd, size_t len, off64_t at)
{
    const char *file = getenv("SECTOR_FILE"), *where = getenv("SECTOR_AT"), *mark = getenv("SECTOR_WHILE");
    char link[64], path[PATH_MAX];
    ssize_t path_len;
    size_t file_len;
    off64_t byte;
    if (file == NULL || where == NULL || mark == NULL || access(mark, F_OK) != 0) {
        return 0;
    }
    byte = atoll(where);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    path_len = readlink(link, path, sizeof path);
    file_len = strlen(file);
    return at <= byte && byte < at + (off64_t)len && path_len >= (ssize_t)file_len
           && memcmp(path + path_len - file_len, file, file_len) == 0;
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
    static reading *real;
    if (is_bad(fd, len, at)) {
        errno = EIO;
        return -1;
    }
    if (real == NULL) {
        void *found = dlsym(RTLD_NEXT, "pread64");
        if (found == NULL) {
            abort();
        }
        memcpy(&real, &found, sizeof real);
    }
    return real(fd, bytes, len, at);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
    return pread64(fd, bytes, len, at);
}
