#include "FaultyDisk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_DISKS = 64 };

/* What a write or truncation changed, until its file is synced. */
typedef struct Undo {
    struct Undo *older;
    char *path;
    int64_t size;   /* of the file before */
    int64_t offset;
    int64_t length; /* of the old bytes */
    unsigned char *bytes;
} Undo;

typedef struct {
    char *folder;
    FaultyDiskMode mode;
    int64_t at;
    FaultyDiskCounts counts;
    Undo *undo;
} Disk;

typedef struct {
    sqlite3_file base;
    int disk;
    char *path;
    sqlite3_file *real;
} File;

static Disk disks[MOST_DISKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;

/* What becomes of a change. */
typedef enum { PASSES, IS_TORN, IS_DROPPED, FAILS, HAS_NO_ROOM } Fate;

static Fate fate_of_change(int number, int64_t *counter, int is_write) {
    if (number < 0) return PASSES;
    pthread_mutex_lock(&lock);
    Disk *disk = &disks[number];
    int64_t here = ++disk->counts.changes;
    ++*counter;
    Fate fate = PASSES;
    switch (disk->mode) {
    case FaultyDiskWell:
    case FaultyDiskIsBusy: break;
    case FaultyDiskStops: if (here >= disk->at) fate = IS_DROPPED; break;
    case FaultyDiskTears:
        if (here > disk->at) fate = IS_DROPPED;
        else if (here == disk->at) fate = is_write ? IS_TORN : IS_DROPPED;
        break;
    case FaultyDiskFailsOnce: if (here == disk->at) fate = FAILS; break;
    case FaultyDiskFills: if (here >= disk->at && is_write) fate = HAS_NO_ROOM; break;
    }
    if (fate != PASSES) disk->counts.struck++;
    pthread_mutex_unlock(&lock);
    return fate;
}

static int is_lock_refused(int number) {
    if (number < 0) return 0;
    pthread_mutex_lock(&lock);
    Disk *disk = &disks[number];
    int64_t here = ++disk->counts.locks;
    int refused = disk->mode == FaultyDiskIsBusy && here >= disk->at;
    if (refused) disk->counts.struck++;
    pthread_mutex_unlock(&lock);
    return refused;
}

static void drop(Undo *undo) {
    free(undo->path);
    free(undo->bytes);
    free(undo);
}

/* Keeps what stands in a stretch of a file that is about to change. */
static void remember(File *file, int64_t offset, int64_t length) {
    if (file->disk < 0) return;
    Undo *undo = calloc(1, sizeof *undo);
    sqlite3_int64 size = 0;
    file->real->pMethods->xFileSize(file->real, &size);
    undo->path = strdup(file->path);
    undo->size = size;
    undo->offset = offset;
    undo->length = offset >= size ? 0 : (offset + length > size ? size - offset : length);
    if (undo->length > 0) {
        undo->bytes = malloc((size_t)undo->length);
        if (file->real->pMethods->xRead(file->real, undo->bytes, (int)undo->length, offset) != SQLITE_OK) undo->length = 0;
    }
    pthread_mutex_lock(&lock);
    undo->older = disks[file->disk].undo;
    disks[file->disk].undo = undo;
    pthread_mutex_unlock(&lock);
}

/* What was written to a file is durable now. */
static void forget_path(int number, const char *path) {
    pthread_mutex_lock(&lock);
    Undo **link = &disks[number].undo;
    while (*link) {
        Undo *undo = *link;
        if (strcmp(undo->path, path) == 0) {
            *link = undo->older;
            drop(undo);
        } else {
            link = &undo->older;
        }
    }
    pthread_mutex_unlock(&lock);
}

/* ---- files ---- */

static sqlite3_file *real_of(sqlite3_file *file) { return ((File *)file)->real; }

static int file_close(sqlite3_file *base) {
    File *file = (File *)base;
    int code = file->real->pMethods ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
    free(file->real);
    free(file->path);
    file->real = NULL;
    file->path = NULL;
    return code;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
    return real_of(base)->pMethods->xRead(real_of(base), bytes, count, offset);
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    File *file = (File *)base;
    Fate fate = PASSES;
    if (file->disk >= 0) fate = fate_of_change(file->disk, &disks[file->disk].counts.writes, 1);
    switch (fate) {
    case IS_DROPPED: return SQLITE_IOERR_WRITE;
    case FAILS: return SQLITE_IOERR_WRITE;
    case HAS_NO_ROOM: return SQLITE_FULL;
    case IS_TORN:
        remember(file, offset, count / 2);
        file->real->pMethods->xWrite(file->real, bytes, count / 2, offset);
        return SQLITE_IOERR_WRITE;
    case PASSES: break;
    }
    remember(file, offset, count);
    return file->real->pMethods->xWrite(file->real, bytes, count, offset);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    File *file = (File *)base;
    Fate fate = PASSES;
    if (file->disk >= 0) fate = fate_of_change(file->disk, &disks[file->disk].counts.truncates, 0);
    if (fate != PASSES) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 old = 0;
    file->real->pMethods->xFileSize(file->real, &old);
    if (old > size) remember(file, size, old - size);
    return file->real->pMethods->xTruncate(file->real, size);
}

static int file_sync(sqlite3_file *base, int flags) {
    File *file = (File *)base;
    Fate fate = PASSES;
    if (file->disk >= 0) fate = fate_of_change(file->disk, &disks[file->disk].counts.syncs, 0);
    if (fate != PASSES) return SQLITE_IOERR_FSYNC;
    /* The real disk is not asked: its power does not fail here, and ours is kept in `undo`. */
    if (file->disk >= 0) {
        forget_path(file->disk, file->path);
        return SQLITE_OK;
    }
    return file->real->pMethods->xSync(file->real, flags);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) { return real_of(base)->pMethods->xFileSize(real_of(base), size); }

static int file_lock(sqlite3_file *base, int level) {
    if (is_lock_refused(((File *)base)->disk)) return SQLITE_BUSY;
    return real_of(base)->pMethods->xLock(real_of(base), level);
}

static int file_unlock(sqlite3_file *base, int level) { return real_of(base)->pMethods->xUnlock(real_of(base), level); }
static int file_reserved(sqlite3_file *base, int *held) { return real_of(base)->pMethods->xCheckReservedLock(real_of(base), held); }
static int file_control(sqlite3_file *base, int what, void *value) { return real_of(base)->pMethods->xFileControl(real_of(base), what, value); }
static int file_sector(sqlite3_file *base) { return real_of(base)->pMethods->xSectorSize(real_of(base)); }

static int file_traits(sqlite3_file *base) {
    /* Nothing is promised that a plain disk does not keep. */
    return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base))
        & ~(SQLITE_IOCAP_ATOMIC | SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_SEQUENTIAL);
}

static int shm_map(sqlite3_file *base, int page, int size, int extends, void volatile **memory) {
    return real_of(base)->pMethods->xShmMap(real_of(base), page, size, extends, memory);
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    if ((flags & SQLITE_SHM_LOCK) && is_lock_refused(((File *)base)->disk)) return SQLITE_BUSY;
    return real_of(base)->pMethods->xShmLock(real_of(base), offset, count, flags);
}

static void shm_barrier(sqlite3_file *base) { real_of(base)->pMethods->xShmBarrier(real_of(base)); }
static int shm_unmap(sqlite3_file *base, int deletes) { return real_of(base)->pMethods->xShmUnmap(real_of(base), deletes); }

static const sqlite3_io_methods methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock, file_reserved,
    file_control, file_sector, file_traits, shm_map, shm_lock, shm_barrier, shm_unmap, NULL, NULL,
};

/* ---- the VFS ---- */

static int disk_of(const char *path) {
    if (!path) return -1;
    pthread_mutex_lock(&lock);
    int found = -1;
    for (int index = 0; index < MOST_DISKS && found < 0; index++) {
        const char *folder = disks[index].folder;
        if (folder && strncmp(path, folder, strlen(folder)) == 0 && path[strlen(folder)] == '/') found = index;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *base, int flags, int *out) {
    (void)self;
    File *file = (File *)base;
    memset(file, 0, sizeof *file);
    file->real = calloc(1, (size_t)real_vfs->szOsFile);
    file->disk = disk_of(path);
    file->path = path ? strdup(path) : NULL;
    int code = real_vfs->xOpen(real_vfs, path, file->real, flags, out);
    if (code != SQLITE_OK && !file->real->pMethods) {
        free(file->real);
        free(file->path);
        return code;
    }
    file->base.pMethods = &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *self, const char *path, int syncs) {
    (void)self;
    int disk = disk_of(path);
    if (disk >= 0 && fate_of_change(disk, &disks[disk].counts.deletes, 0) != PASSES) return SQLITE_IOERR_DELETE;
    if (disk >= 0) forget_path(disk, path);
    return real_vfs->xDelete(real_vfs, path, syncs);
}

/* Waiting for a lock takes no time here. */
static int vfs_sleep(sqlite3_vfs *self, int microseconds) {
    (void)self;
    pthread_mutex_lock(&lock);
    int is_pretended = 0;
    for (int index = 0; index < MOST_DISKS; index++) is_pretended |= disks[index].folder && disks[index].mode == FaultyDiskIsBusy;
    pthread_mutex_unlock(&lock);
    return is_pretended ? microseconds : real_vfs->xSleep(real_vfs, microseconds);
}

int faulty_disk_install(void) {
    static int is_installed = 0;
    pthread_mutex_lock(&lock);
    int installs = !is_installed;
    is_installed = 1;
    pthread_mutex_unlock(&lock);
    if (!installs) return SQLITE_OK;
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs) return SQLITE_ERROR;
    vfs = *real_vfs;
    vfs.zName = "faulty-disk";
    vfs.pNext = NULL;
    vfs.szOsFile = sizeof(File);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xSleep = vfs_sleep;
    return sqlite3_vfs_register(&vfs, 1);
}

int faulty_disk_watch(const char *folder) {
    pthread_mutex_lock(&lock);
    int found = -1;
    for (int index = 0; index < MOST_DISKS && found < 0; index++) {
        if (!disks[index].folder) found = index;
    }
    if (found >= 0) {
        memset(&disks[found], 0, sizeof disks[found]);
        disks[found].folder = strdup(folder);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void faulty_disk_forget(int disk) {
    pthread_mutex_lock(&lock);
    while (disks[disk].undo) {
        Undo *undo = disks[disk].undo;
        disks[disk].undo = undo->older;
        drop(undo);
    }
    free(disks[disk].folder);
    memset(&disks[disk], 0, sizeof disks[disk]);
    pthread_mutex_unlock(&lock);
}

void faulty_disk_arm(int disk, FaultyDiskMode mode, int64_t at) {
    pthread_mutex_lock(&lock);
    disks[disk].mode = mode;
    disks[disk].at = at;
    memset(&disks[disk].counts, 0, sizeof disks[disk].counts);
    pthread_mutex_unlock(&lock);
}

FaultyDiskCounts faulty_disk_counts(int disk) {
    pthread_mutex_lock(&lock);
    FaultyDiskCounts counts = disks[disk].counts;
    pthread_mutex_unlock(&lock);
    return counts;
}

static uint64_t mixed(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

int64_t faulty_disk_lose_unsynced(int disk, uint64_t seed) {
    int64_t lost = 0;
    pthread_mutex_lock(&lock);
    while (disks[disk].undo) {
        Undo *undo = disks[disk].undo;
        disks[disk].undo = undo->older;
        /* A write that reached the platter by chance stays; an older one under it may still be lost. */
        int stays = seed != 0 && (mixed(seed + 0x9E3779B97F4A7C15u * (uint64_t)(lost + 1)) & 1);
        seed = seed ? mixed(seed) | 1 : 0;
        int descriptor = stays ? -1 : open(undo->path, O_RDWR);
        if (descriptor >= 0) {
            if (undo->length > 0 && pwrite(descriptor, undo->bytes, (size_t)undo->length, undo->offset) != undo->length) {
                perror("faulty disk");
            }
            struct stat status;
            if (seed == 0 || fstat(descriptor, &status) != 0 || status.st_size > undo->size) {
                if (ftruncate(descriptor, undo->size) != 0) perror("faulty disk");
            }
            close(descriptor);
            lost++;
        }
        drop(undo);
    }
    pthread_mutex_unlock(&lock);
    return lost;
}
