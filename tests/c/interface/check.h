/*
 * What the interface programs share: a check that says where it failed and what the library says about
 * it. A program ends with finish(), which gives its exit code.
 */
#ifndef CHECK_H
#define CHECK_H

#include <mona.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static inline void check_(int good, const char *what, const char *file, int line) {
  if (!good) {
    printf("%s:%d: not true: %s\n", file, line, what);
    failures++;
  }
}

static inline void check_status_(mona_status found, mona_status expected, const char *call,
                                 const char *file, int line) {
  if (found != expected) {
    char detail[512] = "";
    size_t len = 0;
    (void)mona_last_error(detail, sizeof detail, &len);
    printf("%s:%d: %s\n  gave %d, %d is expected; last error: %s\n", file, line, call, (int)found,
           (int)expected, detail);
    failures++;
  }
}

static inline void check_last_error_(const char *expected, const char *file, int line) {
  char detail[512] = "";
  size_t len = 0;
  (void)mona_last_error(detail, sizeof detail, &len);
  if (strcmp(detail, expected) != 0) {
    printf("%s:%d: last error: %s\n  expected: %s\n", file, line, detail, expected);
    failures++;
  }
}

/* One truth. */
#define CHECK(condition) check_((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
/* One call and the status it gives. */
#define STATUS(expected, call) check_status_((call), (expected), #call, __FILE__, __LINE__)
/* The whole sentence of the last failure. */
#define LAST_ERROR(expected) check_last_error_((expected), __FILE__, __LINE__)

static inline int finish(void) {
  if (failures == 0) {
    puts("ok");
  }
  return failures == 0 ? 0 : 1;
}

/* A new client that keeps its records in memory. */
static inline mona_client *memory_client(void) {
  mona_options *options = mona_options_new();
  mona_client *client = NULL;
  STATUS(MONA_OK, mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS));
  STATUS(MONA_OK, mona_options_set(options, "flush_interval_ms", MONA_NTS, "1", MONA_NTS));
  STATUS(MONA_OK, mona_client_new(options, &client));
  mona_options_free(options);
  return client;
}

#endif
