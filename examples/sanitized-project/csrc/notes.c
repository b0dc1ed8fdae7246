#include "notes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int is(const char *bug, const char *name) { return bug != NULL && strcmp(bug, name) == 0; }

long notes_sum(const int *numbers, size_t count, const char *bug) {
    long sum = 0;
    size_t last = is(bug, "overflow") ? count + 1 : count;
    for (size_t i = 0; i < last; i++) {
        sum += numbers[i];
    }
    return sum;
}

char *notes_copy(const char *text) {
    size_t len = strlen(text) + 1;
    char *copy = malloc(len);
    if (copy != NULL) {
        memcpy(copy, text, len);
    }
    return copy;
}

void notes_free(char *text) { free(text); }

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counted;

void notes_count(const char *bug) {
    int locked = !is(bug, "race");
    if (locked) {
        pthread_mutex_lock(&lock);
    }
    counted++;
    if (locked) {
        pthread_mutex_unlock(&lock);
    }
}

long notes_counted(void) {
    pthread_mutex_lock(&lock);
    long seen = counted;
    pthread_mutex_unlock(&lock);
    return seen;
}

int notes_is_even(int number, const char *bug) {
    int *place = malloc(sizeof *place);
    if (place == NULL) {
        return 0;
    }
    if (!is(bug, "uninitialised")) {
        *place = number;
    }
    int even = 0;
    if (*(volatile int *)place % 2 == 0) {
        even = 1;
    }
    free(place);
    return even;
}

const char *notes_first(const char *const *texts) { return texts[0]; }
