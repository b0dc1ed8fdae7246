/*
 * Counts what a process asks of the C library: memory, and locks.
 *
 * Loaded before all else (LD_PRELOAD), so that libcrypto's calls come here whoever linked it. Each
 * function counts and hands on to the next one of its name. Built by tests/cost_of_a_message.rs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint64_t mallocs;
static uint64_t locks;

/* What was counted so far, by all threads together. */
void ffence_counted(uint64_t *memory, uint64_t *locking);

void ffence_counted(uint64_t *memory, uint64_t *locking)
{
    *memory = __atomic_load_n(&mallocs, __ATOMIC_RELAXED);
    *locking = __atomic_load_n(&locks, __ATOMIC_RELAXED);
}

/*
 * The next function of the name, which is looked up once. ISO C has no cast from an object's address
 * to a function's, hence the copy.
 */
static void next(void *real, void **known, const char *name)
{
    void *found = __atomic_load_n(known, __ATOMIC_ACQUIRE);

    if (found == NULL) {
        found = dlsym(RTLD_NEXT, name);
        __atomic_store_n(known, found, __ATOMIC_RELEASE);
    }
    memcpy(real, &found, sizeof found);
}

/* glibc's own names: dlsym may allocate, and the first of these is called before it can work. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void count(uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    count(&mallocs);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count(&mallocs);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    count(&mallocs);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(&mallocs);
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);

void *memalign(size_t alignment, size_t size)
{
    count(&mallocs);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    static void *known;
    int (*real)(void **, size_t, size_t);

    next(&real, &known, "posix_memalign");
    count(&mallocs);
    return real(block, alignment, size);
}

#define LOCK(name, type)              \
    int name(type *lock)              \
    {                                 \
        static void *known;           \
        int (*real)(type *);          \
                                      \
        next(&real, &known, #name);   \
        count(&locks);                \
        return real(lock);            \
    }

LOCK(pthread_mutex_lock, pthread_mutex_t)
LOCK(pthread_mutex_trylock, pthread_mutex_t)
LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
LOCK(pthread_rwlock_tryrdlock, pthread_rwlock_t)
LOCK(pthread_rwlock_trywrlock, pthread_rwlock_t)
LOCK(pthread_spin_lock, pthread_spinlock_t)
