/* Which call of a preloaded library is struck, and how. Set by the environment:
 *
 *   PLEURA_FAULT_KIND    number of the kind of calls to strike, as below; absent: none, all are counted
 *   PLEURA_FAULT_AT      number of the call struck, from 1
 *   PLEURA_FAULT_LASTING set: all later ones are struck too
 *   PLEURA_FAULT_ERRNO   what a struck call fails with
 *   PLEURA_FAULT_SIGNAL  in place of failing, the process gets this signal and the call goes on
 *   PLEURA_FAULT_BELOW   only calls on files whose absolute path begins so count; several prefixes are parted by ':'
 *   PLEURA_FAULT_LEAST   only allocations of at least so many bytes count
 *   PLEURA_FAULT_COUNTS  a file that is kept up to date: for each kind two uint64, calls and of those struck
 *   PLEURA_FAULT_TRACE   a file for the stack of the first call struck
 */
#ifndef PLEURA_TESTS_FAULTS_STRIKE_H
#define PLEURA_TESTS_FAULTS_STRIKE_H
#include <stdbool.h>
#include <stddef.h>

enum call {
  WRITE_CALL,
  OPEN_CALL,
  CLOSE_CALL,
  SYNC_CALL,
  RENAME_CALL,
  MKDIR_CALL,
  READ_CALL,
  MAP_CALL,
  UNLINK_CALL,
  LIST_CALL,
  STAT_CALL,
  ALLOCATION,
  KINDS
};

/* Reads the environment; what is called before counts nothing. */
void strike_begin(void);

/* Whether calls of this kind count. */
bool strike_counts(enum call kind);

/* Whether this path, a descriptor's file, this size counts. */
bool strike_path(const char* path);
bool strike_path_at(int folder, const char* path);
bool strike_descriptor(int descriptor);
bool strike_size(size_t bytes);

/* Counts a call. True: it is to fail with errno as it is then. */
bool strike(enum call kind);

#endif
