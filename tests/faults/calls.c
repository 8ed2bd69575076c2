/* Preloaded: makes calls of the file system fail. strike.h says how it is told which. It stands before libc for the
 * program and all its libraries; what libc calls inside (the open of fopen, the write of fclose) and raw system calls
 * are not seen. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "strike.h"

__attribute__((constructor)) static void begin(void) { strike_begin(); }

/* TYPE NAME(PARAMETERS) of libc, which returns `failed` where a call of its kind counts and is struck. */
#define CALL(kind, type, name, parameters, arguments, counts, failed)           \
  type name parameters {                                                        \
    static __typeof__(name)* next;                                              \
    if (next == NULL) *(void**)&next = dlsym(RTLD_NEXT, #name);                 \
    if (strike_counts(kind) && (counts) && strike(kind)) return (type)(failed); \
    return next arguments;                                                      \
  }

#define ON_DESCRIPTOR(kind, type, name, parameters, arguments, descriptor) \
  CALL(kind, type, name, parameters, arguments, strike_descriptor(descriptor), -1)
#define ON_PATH(kind, type, name, parameters, arguments, path, failed) \
  CALL(kind, type, name, parameters, arguments, strike_path(path), failed)
#define ON_PATH_AT(kind, type, name, parameters, arguments, folder, path) \
  CALL(kind, type, name, parameters, arguments, strike_path_at(folder, path), -1)

/* A FILE remembers that it failed. */
static size_t fail_stream(FILE* stream) {
  stream->_flags |= _IO_ERR_SEEN;
  return 0;
}

ON_DESCRIPTOR(WRITE_CALL, ssize_t, write, (int fd, const void* bytes, size_t size), (fd, bytes, size), fd)
ON_DESCRIPTOR(WRITE_CALL, ssize_t, pwrite, (int fd, const void* bytes, size_t size, off_t offset),
              (fd, bytes, size, offset), fd)
ON_DESCRIPTOR(WRITE_CALL, ssize_t, pwrite64, (int fd, const void* bytes, size_t size, off64_t offset),
              (fd, bytes, size, offset), fd)
ON_DESCRIPTOR(WRITE_CALL, ssize_t, writev, (int fd, const struct iovec* parts, int count), (fd, parts, count), fd)
ON_DESCRIPTOR(WRITE_CALL, int, ftruncate, (int fd, off_t size), (fd, size), fd)
ON_DESCRIPTOR(WRITE_CALL, int, ftruncate64, (int fd, off64_t size), (fd, size), fd)
ON_DESCRIPTOR(WRITE_CALL, ssize_t, sendfile, (int to, int from, off_t* offset, size_t size), (to, from, offset, size),
              to)
ON_DESCRIPTOR(WRITE_CALL, ssize_t, copy_file_range,
              (int from, off64_t* start, int to, off64_t* offset, size_t size, unsigned flags),
              (from, start, to, offset, size, flags), to)
CALL(WRITE_CALL, size_t, fwrite, (const void* items, size_t size, size_t count, FILE* stream),
     (items, size, count, stream), strike_descriptor(fileno(stream)), fail_stream(stream))

ON_DESCRIPTOR(READ_CALL, ssize_t, read, (int fd, void* bytes, size_t size), (fd, bytes, size), fd)
ON_DESCRIPTOR(READ_CALL, ssize_t, pread, (int fd, void* bytes, size_t size, off_t offset), (fd, bytes, size, offset),
              fd)
ON_DESCRIPTOR(READ_CALL, ssize_t, pread64, (int fd, void* bytes, size_t size, off64_t offset),
              (fd, bytes, size, offset), fd)
ON_DESCRIPTOR(READ_CALL, ssize_t, readv, (int fd, const struct iovec* parts, int count), (fd, parts, count), fd)
CALL(READ_CALL, size_t, fread, (void* items, size_t size, size_t count, FILE* stream), (items, size, count, stream),
     strike_descriptor(fileno(stream)), fail_stream(stream))

ON_DESCRIPTOR(SYNC_CALL, int, fsync, (int fd), (fd), fd)
ON_DESCRIPTOR(SYNC_CALL, int, fdatasync, (int fd), (fd), fd)

ON_PATH(RENAME_CALL, int, rename, (const char* from, const char* to), (from, to), to, -1)
ON_PATH_AT(RENAME_CALL, int, renameat, (int folder, const char* from, int other, const char* to),
           (folder, from, other, to), other, to)
ON_PATH_AT(RENAME_CALL, int, renameat2, (int folder, const char* from, int other, const char* to, unsigned flags),
           (folder, from, other, to, flags), other, to)
ON_PATH(RENAME_CALL, int, link, (const char* from, const char* to), (from, to), to, -1)
ON_PATH_AT(RENAME_CALL, int, linkat, (int folder, const char* from, int other, const char* to, int flags),
           (folder, from, other, to, flags), other, to)

ON_PATH(MKDIR_CALL, int, mkdir, (const char* path, mode_t mode), (path, mode), path, -1)
ON_PATH_AT(MKDIR_CALL, int, mkdirat, (int folder, const char* path, mode_t mode), (folder, path, mode), folder, path)
ON_PATH(MKDIR_CALL, char*, mkdtemp, (char* path), (path), path, NULL)

ON_PATH(UNLINK_CALL, int, unlink, (const char* path), (path), path, -1)
ON_PATH_AT(UNLINK_CALL, int, unlinkat, (int folder, const char* path, int flags), (folder, path, flags), folder, path)
ON_PATH(UNLINK_CALL, int, rmdir, (const char* path), (path), path, -1)
ON_PATH(UNLINK_CALL, int, remove, (const char* path), (path), path, -1)

ON_PATH(LIST_CALL, DIR*, opendir, (const char* path), (path), path, NULL)
CALL(LIST_CALL, DIR*, fdopendir, (int fd), (fd), strike_descriptor(fd), NULL)
CALL(LIST_CALL, struct dirent*, readdir, (DIR * folder), (folder), strike_descriptor(dirfd(folder)), NULL)
CALL(LIST_CALL, struct dirent64*, readdir64, (DIR * folder), (folder), strike_descriptor(dirfd(folder)), NULL)

ON_PATH(STAT_CALL, int, stat, (const char* path, struct stat* status), (path, status), path, -1)
ON_PATH(STAT_CALL, int, stat64, (const char* path, struct stat64* status), (path, status), path, -1)
ON_PATH(STAT_CALL, int, lstat, (const char* path, struct stat* status), (path, status), path, -1)
ON_PATH(STAT_CALL, int, lstat64, (const char* path, struct stat64* status), (path, status), path, -1)
ON_DESCRIPTOR(STAT_CALL, int, fstat, (int fd, struct stat* status), (fd, status), fd)
ON_DESCRIPTOR(STAT_CALL, int, fstat64, (int fd, struct stat64* status), (fd, status), fd)
ON_PATH_AT(STAT_CALL, int, fstatat, (int folder, const char* path, struct stat* status, int flags),
           (folder, path, status, flags), folder, path)

CALL(MAP_CALL, void*, mmap, (void* address, size_t size, int protection, int flags, int fd, off_t offset),
     (address, size, protection, flags, fd, offset), fd >= 0 && strike_descriptor(fd), MAP_FAILED)
CALL(MAP_CALL, void*, mmap64, (void* address, size_t size, int protection, int flags, int fd, off64_t offset),
     (address, size, protection, flags, fd, offset), fd >= 0 && strike_descriptor(fd), MAP_FAILED)

ON_PATH(OPEN_CALL, int, creat, (const char* path, mode_t mode), (path, mode), path, -1)
ON_PATH(OPEN_CALL, int, creat64, (const char* path, mode_t mode), (path, mode), path, -1)
ON_PATH(OPEN_CALL, int, mkstemp, (char* path), (path), path, -1)
ON_PATH(OPEN_CALL, int, mkstemp64, (char* path), (path), path, -1)
ON_PATH(OPEN_CALL, int, mkostemp, (char* path, int flags), (path, flags), path, -1)
ON_PATH(OPEN_CALL, int, mkostemp64, (char* path, int flags), (path, flags), path, -1)
ON_PATH(OPEN_CALL, FILE*, fopen, (const char* path, const char* mode), (path, mode), path, NULL)
ON_PATH(OPEN_CALL, FILE*, fopen64, (const char* path, const char* mode), (path, mode), path, NULL)

/* As CALL, for those that take a mode where they make a file. */
#define OPEN(name, parameters, arguments, counts)                             \
  int name parameters {                                                       \
    static __typeof__(name)* next;                                            \
    if (next == NULL) *(void**)&next = dlsym(RTLD_NEXT, #name);               \
    mode_t mode = 0;                                                          \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {         \
      va_list rest;                                                           \
      va_start(rest, flags);                                                  \
      mode = va_arg(rest, mode_t);                                            \
      va_end(rest);                                                           \
    }                                                                         \
    if (strike_counts(OPEN_CALL) && (counts) && strike(OPEN_CALL)) return -1; \
    return next arguments;                                                    \
  }

OPEN(open, (const char* path, int flags, ...), (path, flags, mode), strike_path(path))
OPEN(open64, (const char* path, int flags, ...), (path, flags, mode), strike_path(path))
OPEN(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode), strike_path_at(folder, path))
OPEN(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode),
     strike_path_at(folder, path))

/* A close that fails has closed all the same. */
#define CLOSE(name, parameter, argument, descriptor)                                                     \
  int name(parameter) {                                                                                  \
    static __typeof__(name)* next;                                                                       \
    if (next == NULL) *(void**)&next = dlsym(RTLD_NEXT, #name);                                          \
    const bool fails = strike_counts(CLOSE_CALL) && strike_descriptor(descriptor) && strike(CLOSE_CALL); \
    const int error = errno, result = next(argument);                                                    \
    if (fails) errno = error;                                                                            \
    return fails ? -1 : result;                                                                          \
  }

CLOSE(close, int fd, fd, fd)
CLOSE(fclose, FILE* stream, stream, fileno(stream))
