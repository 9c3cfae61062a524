/*
 * A file system that forgets what was not synced: loaded into a host by LD_PRELOAD, it keeps a second image of a folder
 * beside the one that is written. The written image is the folder itself. The kept image, in another folder, has what
 * would be found after the power failed: of a file its bytes at the last fsync or fdatasync that succeeded, of a
 * directory the names that were in it at its last fsync. A file is nowhere before its directory was synced, and empty
 * before it was synced itself. The test puts the two together when the host was killed (tests/src/spool/power.rs).
 *
 *     FORGETFUL_ROOT  the folder; what lies outside is left alone
 *     FORGETFUL_KEPT  where the kept image goes
 *
 * In the kept image a file or a directory is named by what it is for life, `INODE-BIRTH`: a file has its bytes there, a
 * directory a line for each name in it, `INODE-BIRTH NAME`. Each is written elsewhere and renamed, so that a kill at any
 * moment leaves one image or the other, and before the sync returns, so that nobody has seen it succeed before.
 *
 * What is opened to be synced with every write (O_SYNC), written through memory maps or synced as a whole (sync, syncfs)
 * is not modelled: the first two would count as never synced, the last ends the host with a line that says so.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static atomic_ulong temporaries;

static void give_up(const char *what)
{
    fprintf(stderr, "forgetful: %s: %s\n", what, strerror(errno));
    _exit(99);
}

/* The path of the kept image of what this descriptor, or this name below it, is. */
static void kept_path(int fd, const char *name, char path[PATH_MAX])
{
    struct statx of;
    const char *kept = getenv("FORGETFUL_KEPT");
    if (kept == NULL
        || statx(fd, name, AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0), STATX_INO | STATX_BTIME, &of) != 0
        || !(of.stx_mask & STATX_BTIME)) {
        give_up("FORGETFUL_KEPT, and a file system that knows when files were made");
    }
    snprintf(path, PATH_MAX, "%s/%llu-%lld.%09u", kept, (unsigned long long)of.stx_ino, (long long)of.stx_btime.tv_sec,
             of.stx_btime.tv_nsec);
}

static int is_ours(int fd)
{
    const char *root = getenv("FORGETFUL_ROOT");
    char link[64], path[PATH_MAX];
    ssize_t len;
    size_t root_len;
    if (root == NULL) {
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (len < 0) {
        return 0;
    }
    path[len] = '\0';
    root_len = strlen(root);
    return strncmp(path, root, root_len) == 0 && (path[root_len] == '/' || path[root_len] == '\0');
}

static void put(int to, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(to, bytes, len);
        if (done <= 0) {
            give_up("writing the kept image");
        }
        bytes += done;
        len -= (size_t)done;
    }
}

/* The descriptor may be for writing only. */
static void keep_file(int fd, int to)
{
    static char block[1 << 16];
    char link[64];
    ssize_t got;
    int from;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    from = open(link, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        give_up(link);
    }
    while ((got = read(from, block, sizeof block)) > 0) {
        put(to, block, (size_t)got);
    }
    close(from);
}

static void keep_directory(int fd, int to)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = again < 0 ? NULL : fdopendir(again);
    struct dirent *entry;
    if (directory == NULL) {
        give_up("a directory that is synced");
    }
    while ((entry = readdir(directory)) != NULL) {
        char path[PATH_MAX], line[PATH_MAX + 300];
        struct stat still;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || fstatat(fd, entry->d_name, &still, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        kept_path(fd, entry->d_name, path);
        put(to, line, (size_t)snprintf(line, sizeof line, "%s %s\n", strrchr(path, '/') + 1, entry->d_name));
    }
    closedir(directory);
}

/* The disk itself is spared: what this image has is what counts. */
static int keep(int fd)
{
    char path[PATH_MAX], temporary[PATH_MAX + 32];
    struct stat what;
    int before = errno, to;
    if (fstat(fd, &what) != 0) {
        return -1;
    }
    if (!is_ours(fd)) {
        return 0;
    }
    kept_path(fd, "", path);
    snprintf(temporary, sizeof temporary, "%s.new-%lu-%d", path, (unsigned long)temporaries++, (int)getpid());
    if (pthread_mutex_lock(&one_at_a_time) != 0
        || (to = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) {
        give_up(temporary);
    }
    if (S_ISDIR(what.st_mode)) {
        keep_directory(fd, to);
    } else {
        keep_file(fd, to);
    }
    close(to);
    if (rename(temporary, path) != 0) {
        give_up(path);
    }
    pthread_mutex_unlock(&one_at_a_time);
    errno = before;
    return 0;
}

int fsync(int fd)
{
    return keep(fd);
}

int fdatasync(int fd)
{
    return keep(fd);
}

void sync(void)
{
    errno = ENOSYS;
    give_up("sync");
}

int syncfs(int fd)
{
    (void)fd;
    errno = ENOSYS;
    give_up("syncfs");
    return -1;
}
