#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include <stdint.h>

/* A disk that fails on demand: a SQLite VFS in front of the system's own. It counts what changes files in the folders it watches
   and can end the power, tear a write, fail or fill up at the nth of these. Files elsewhere are passed through. */

typedef enum {
    FaultyDiskWell = 0,
    /* The nth change and all after it never reach the disk: the program is gone. */
    FaultyDiskStops = 1,
    /* As above, and of the nth write only the first half arrives. */
    FaultyDiskTears = 2,
    /* The nth change fails with an I/O error; later ones succeed. */
    FaultyDiskFailsOnce = 3,
    /* From the nth write on there is no room. */
    FaultyDiskFills = 4,
    /* From the nth lock on every lock is held by somebody else. */
    FaultyDiskIsBusy = 5,
} FaultyDiskMode;

typedef struct {
    int64_t writes, syncs, truncates, deletes;
    /* All of these: what `at` counts. */
    int64_t changes;
    /* What `at` counts for FaultyDiskIsBusy. */
    int64_t locks;
    /* How often the fault struck. */
    int64_t struck;
} FaultyDiskCounts;

/* Puts itself in front of the default VFS, once. 0: done. */
int faulty_disk_install(void);

/* Watches every file under a folder (an absolute path). Returns a number for the calls below, -1 if too many are watched. */
int faulty_disk_watch(const char *folder);
void faulty_disk_forget(int disk);

/* Counts from 0 again. */
void faulty_disk_arm(int disk, FaultyDiskMode mode, int64_t at);
FaultyDiskCounts faulty_disk_counts(int disk);

/* What was written and not synced is lost, each write with one half chance by the seed, or all of it with seed 0. For a disk whose
   files nobody has open. Returns how many writes were lost. */
int64_t faulty_disk_lose_unsynced(int disk, uint64_t seed);

#endif
