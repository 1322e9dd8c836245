#ifndef PROCESS_SETTINGS_H
#define PROCESS_SETTINGS_H

/// Sets up a process that plays histories and does nothing else. Call it once, before the first store.
///
/// Freed memory is kept: each history takes as much again as the one before gave back, and the kernel clears pages that come and go
/// each time. SQLite counts no memory, for which each of its allocations takes a lock that all threads share. Where the C library
/// or SQLite knows no such setting, nothing changes.
void prepare_process_for_histories(void);

#endif
