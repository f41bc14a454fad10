/* Stands between a program and the C library, and counts what changes files below TORTURE_ROOT:
 *
 *   TORTURE_KILL=N      SIGKILL before the Nth change; with TORTURE_AFTER=1 after it
 *   TORTURE_FAIL=N      from the Nth change on, what needs room fails with errno TORTURE_ERRNO
 *   TORTURE_LOG=FILE    every change is written down with its data: op, path, other path, offset, length, then the bytes
 *   TORTURE_COUNT=FILE  how many changes there were, when the program ends
 *
 * Programs that make system calls past the C library are not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ENDS_HERE() do { kill(getpid(), SIGKILL); for (;;) pause(); } while (0)

static const char *root;
static long kill_at, fail_from, fails_with;
static int kills_after, log_file = -1;
static atomic_long changes;
/* While a change is written down nobody else changes anything, so that the log has the order of the disk. */
static pthread_mutex_t writing_down = PTHREAD_MUTEX_INITIALIZER;

static long number(const char *name) { const char *text = getenv(name); return text ? atol(text) : 0; }

__attribute__((constructor)) static void begin(void)
{
    root = getenv("TORTURE_ROOT");
    kill_at = number("TORTURE_KILL");
    kills_after = number("TORTURE_AFTER") != 0;
    fail_from = number("TORTURE_FAIL");
    fails_with = number("TORTURE_ERRNO");
    const char *log = getenv("TORTURE_LOG");
    if (log) log_file = REAL(open)(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("TORTURE_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", (long)changes);
    fclose(file);
}

static int is_below_root(const char *path)
{
    size_t length = root ? strlen(root) : 0;
    return length && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void path_of(int file, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
}

static void path_at(int folder, const char *name, char *path)
{
    if (name[0] == '/') { snprintf(path, PATH_MAX, "%s", name); return; }
    char base[PATH_MAX];
    if (folder == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; } else path_of(folder, base);
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX / 2, base, name);
}

/* A change begins: its number, 0 where it does not count, -1 where it must fail. */
static long enter(const char *path, int needs_room)
{
    if (!is_below_root(path)) return 0;
    long change = atomic_fetch_add(&changes, 1) + 1;
    if (kill_at == change && !kills_after) ENDS_HERE();
    if (fail_from && change >= fail_from && needs_room) { errno = (int)fails_with; return -1; }
    if (log_file >= 0) pthread_mutex_lock(&writing_down);
    return change;
}

static void leave(long change, int is_done, const char *op, const char *path, const char *other, off_t offset, const void *data, size_t length)
{
    if (!change) return;
    int error = errno;
    if (log_file >= 0) {
        if (is_done) {
            char line[3 * PATH_MAX];
            int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%lld\t%zu\n", op, path, other, (long long)offset, data ? length : 0);
            ssize_t written = REAL(write)(log_file, line, (size_t)size);
            if (data && written == size) written = REAL(write)(log_file, data, length);
            if (written < 0) abort();
        }
        pthread_mutex_unlock(&writing_down);
    }
    if (kill_at == change && kills_after) ENDS_HERE();
    errno = error;
}

static int open_at(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    path_at(folder, name, path);
    long change = flags & (O_CREAT | O_TRUNC) ? enter(path, 1) : 0;
    if (change < 0) return -1;
    int file = REAL(openat)(folder, name, flags, mode);
    leave(change, file >= 0, flags & O_TRUNC ? "truncate" : "create", path, "", 0, NULL, 0);
    return file;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *name, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, name, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags) return open_at(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags) return open_at(folder, name, flags | O_LARGEFILE, mode); }

static off_t end_or_place(int file)
{
    int flags = fcntl(file, F_GETFL);
    struct stat status;
    if (flags >= 0 && flags & O_APPEND && fstat(file, &status) == 0) return status.st_size;
    return lseek(file, 0, SEEK_CUR);
}

ssize_t write(int file, const void *data, size_t length)
{
    char path[PATH_MAX];
    path_of(file, path);
    long change = enter(path, 1);
    if (change < 0) return -1;
    off_t offset = change ? end_or_place(file) : 0;
    ssize_t written = REAL(write)(file, data, length);
    leave(change, written > 0, "write", path, "", offset, data, written > 0 ? (size_t)written : 0);
    return written;
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset)
{
    char path[PATH_MAX];
    path_of(file, path);
    long change = enter(path, 1);
    if (change < 0) return -1;
    ssize_t written = REAL(pwrite64)(file, data, length, offset);
    leave(change, written > 0, "write", path, "", offset, data, written > 0 ? (size_t)written : 0);
    return written;
}
ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return pwrite64(file, data, length, offset); }

/* One buffer at a time: a short write is allowed. */
ssize_t writev(int file, const struct iovec *parts, int count)
{
    for (int part = 0; part < count; part++)
        if (parts[part].iov_len) return write(file, parts[part].iov_base, parts[part].iov_len);
    return 0;
}

/* `std::fs::copy` falls back to reading and writing. */
ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *place, size_t length, unsigned flags)
{
    (void)from, (void)start, (void)to, (void)place, (void)length, (void)flags;
    errno = ENOSYS;
    return -1;
}

#define OF_FILE(name, op, needs_room, offset, arguments, call) \
    int name arguments { \
        char path[PATH_MAX]; \
        path_of(file, path); \
        long change = enter(path, needs_room); \
        if (change < 0) return -1; \
        int result = REAL(name) call; \
        leave(change, result == 0, op, path, "", offset, NULL, 0); \
        return result; \
    }
OF_FILE(fsync, "sync", 0, 0, (int file), (file))
OF_FILE(fdatasync, "sync", 0, 0, (int file), (file))
OF_FILE(ftruncate, "resize", 1, size, (int file, off_t size), (file, size))
OF_FILE(ftruncate64, "resize", 1, size, (int file, off64_t size), (file, size))

#define OF_PATH(name, op, needs_room, folder, target, arguments, call) \
    int name arguments { \
        char path[PATH_MAX]; \
        path_at(folder, target, path); \
        long change = enter(path, needs_room); \
        if (change < 0) return -1; \
        int result = REAL(name) call; \
        leave(change, result == 0, op, path, "", 0, NULL, 0); \
        return result; \
    }
OF_PATH(mkdir, "mkdir", 1, AT_FDCWD, name, (const char *name, mode_t mode), (name, mode))
OF_PATH(mkdirat, "mkdir", 1, folder, name, (int folder, const char *name, mode_t mode), (folder, name, mode))
OF_PATH(rmdir, "remove", 0, AT_FDCWD, name, (const char *name), (name))
OF_PATH(unlink, "remove", 0, AT_FDCWD, name, (const char *name), (name))
OF_PATH(unlinkat, "remove", 0, folder, name, (int folder, const char *name, int flags), (folder, name, flags))

#define OF_PATHS(name, op, from_folder, to_folder, arguments, call) \
    int name arguments { \
        char path[PATH_MAX], other[PATH_MAX]; \
        path_at(from_folder, from, path); \
        path_at(to_folder, to, other); \
        long change = enter(other, 1); \
        if (change < 0) return -1; \
        int result = REAL(name) call; \
        leave(change, result == 0, op, path, other, 0, NULL, 0); \
        return result; \
    }
OF_PATHS(rename, "rename", AT_FDCWD, AT_FDCWD, (const char *from, const char *to), (from, to))
OF_PATHS(renameat, "rename", from_in, to_in, (int from_in, const char *from, int to_in, const char *to), (from_in, from, to_in, to))
OF_PATHS(link, "link", AT_FDCWD, AT_FDCWD, (const char *from, const char *to), (from, to))
OF_PATHS(linkat, "link", from_in, to_in, (int from_in, const char *from, int to_in, const char *to, int flags), (from_in, from, to_in, to, flags))

/* The target of a link is text, and stays as it is. */
int symlinkat(const char *target, int folder, const char *name)
{
    char path[PATH_MAX];
    path_at(folder, name, path);
    long change = enter(path, 1);
    if (change < 0) return -1;
    int result = REAL(symlinkat)(target, folder, name);
    leave(change, result == 0, "symlink", path, target, 0, NULL, 0);
    return result;
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }
