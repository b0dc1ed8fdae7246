/* A small C library, with a switch for the bugs that the detectors must find. */
#ifndef NOTES_H
#define NOTES_H

#include <stddef.h>

/* The sum of `count` numbers. BUG overflow: reads one more. */
long notes_sum(const int *numbers, size_t count, const char *bug);
/* A copy of a text, which is the caller's: notes_free. */
char *notes_copy(const char *text);
void notes_free(char *text);
/* Counts calls, of all threads. BUG race: without its lock. */
void notes_count(const char *bug);
long notes_counted(void);
/* 1 for an even number. BUG uninitialised: asks memory that nobody wrote to. */
int notes_is_even(int number, const char *bug);
/* The first of a list of texts, which stays the caller's. */
const char *notes_first(const char *const *texts);

#endif
