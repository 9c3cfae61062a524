#define _XOPEN_SOURCE 700 /* faccessat, lstat, statvfs */

#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/vfs.h>
#endif

enum {
    PATH_CAP = 4096 /* PATH_MAX of Linux; a longer path cannot be opened */
};

/* Whether this user, as whom it acts, may do so there. */
static bool may(const char *path, int what)
{
    return faccessat(AT_FDCWD, path, what, AT_EACCESS) == 0;
}

static bool is_read_only(const char *path)
{
    struct statvfs disk;
    return statvfs(path, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0;
}

/* Whether the kernel makes up what lies there: root may write everywhere, and yet nobody makes a folder in it. */
static bool is_made_up(const char *path)
{
#ifdef __linux__
    /* proc, sysfs, devpts, cgroup, cgroup2, as statfs(2) numbers them; not every system has <linux/magic.h>. */
    static const unsigned long made_up[] = {0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270};
    struct statfs disk;

    if (statfs(path, &disk) != 0)
        return false;
    for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++) {
        if ((unsigned long)disk.f_type == made_up[i])
            return true;
    }
    return false;
#else
    (void)path;
    return false;
#endif
}

/* The folder that `path` lies in, and `path` without slashes at its end. Returns whether both have room. */
static bool split(const char *path, char *clean, char *parent)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= PATH_CAP)
        return false;
    memcpy(clean, path, len);
    clean[len] = '\0';
    const char *slash = strrchr(clean, '/');
    size_t before = slash == NULL ? 0 : (size_t)(slash - clean);
    if (slash == NULL)
        snprintf(parent, PATH_CAP, ".");
    else
        /* The root keeps its slash. */
        snprintf(parent, PATH_CAP, "%.*s", (int)(before > 0 ? before : 1), clean);
    return true;
}

const char *place_of_file(const char *path)
{
    char clean[PATH_CAP], parent[PATH_CAP];
    struct stat found;
    struct statvfs disk;

    if (!split(path, clean, parent))
        return "";
    bool is_there = stat(path, &found) == 0;
    if (is_there && S_ISDIR(found.st_mode))
        return "folder";
    if (!is_there && errno == EACCES)
        return "forbidden";
    const char *subject = is_there ? path : parent;
    if (!is_there && errno == ENOTDIR)
        return "under_file";
    if (!is_there && stat(parent, &found) != 0)
        return "no_folder";
    if (is_read_only(subject))
        return "read_only";
    if (!may(subject, is_there ? W_OK : W_OK | X_OK))
        return "forbidden";
    /* Some file systems have no blocks, and say nothing. */
    if (statvfs(subject, &disk) == 0 && disk.f_blocks > 0 && disk.f_bavail == 0)
        return "full";
    return "";
}

/* Whether a folder can be made in `parent`, or files in it; `verb` says which. */
static bool takes(const char *parent, const char *verb, char *why, size_t cap)
{
    if (is_read_only(parent))
        snprintf(why, cap, "%s: no %s, its file system is read-only", parent, verb);
    else if (!may(parent, W_OK | X_OK))
        snprintf(why, cap, "%s: no %s, user %ld has no right to write there", parent, verb, (long)geteuid());
    else if (is_made_up(parent))
        snprintf(why, cap, "%s: no %s, the kernel makes up what lies there", parent, verb);
    else
        return true;
    return false;
}

bool place_takes_spool(const char *dir, char *why, size_t cap)
{
    char clean[PATH_CAP], parent[PATH_CAP];
    struct stat found;

    if (!split(dir, clean, parent)) {
        snprintf(why, cap, "a path that is too long");
        return false;
    }
    if (lstat(clean, &found) == 0) {
        if (S_ISLNK(found.st_mode))
            snprintf(why, cap, "%s is a symbolic link, the folder itself is expected", clean);
        else if (!S_ISDIR(found.st_mode))
            snprintf(why, cap, "%s is no folder", clean);
        else
            return takes(clean, "spool can be made in it", why, cap);
        return false;
    }
    if (stat(parent, &found) != 0) {
        if (errno == ENOENT)
            snprintf(why, cap, "there is no folder %s; libmona makes the last folder of spool_dir and none above it",
                     parent);
        else
            snprintf(why, cap, "%s: %s", parent, strerror(errno));
        return false;
    }
    if (!S_ISDIR(found.st_mode)) {
        snprintf(why, cap, "%s is no folder, one is expected to make the spool in", parent);
        return false;
    }
    return takes(parent, "folder can be made in it", why, cap);
}
