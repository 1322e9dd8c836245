// Swift can call neither: glibc's module has no malloc.h, and sqlite3_config takes any number of arguments.
#include "ProcessSettings.h"

#include <sqlite3.h>
// It tells which C library this is.
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void prepare_process_for_histories(void) {
#if defined(__GLIBC__)
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 1 << 24);
#endif
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
