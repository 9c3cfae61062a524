/*
 * The clients of `new Client(...)` that are still there.
 *
 * libmona flushes the default client when the process ends; others are their owner's. Here they are closed when their
 * JavaScript thread ends (a worker that is terminated runs no script any more) and when the process does: process.exit,
 * an uncaught exception and the end of the main script all come to exit(), which runs destructors.
 */

#include <pthread.h>
#include <stdlib.h>

#include "addon.h"

struct open_client {
  mona_client *client;
  uint32_t milliseconds;
  open_client *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static open_client *first;

/* As the default of the option exit_flush_ms. */
#define WAIT_MS 1000

open_client *open_add(mona_client *client) {
  open_client *entry = malloc(sizeof *entry);
  if (!entry) return NULL;
  entry->client = client;
  entry->milliseconds = WAIT_MS;
  pthread_mutex_lock(&lock);
  entry->next = first;
  first = entry;
  pthread_mutex_unlock(&lock);
  return entry;
}

void open_wait(open_client *entry, uint32_t milliseconds) { entry->milliseconds = milliseconds; }

void open_end(open_client *entry) {
  pthread_mutex_lock(&lock);
  open_client **place = &first;
  while (*place && *place != entry) place = &(*place)->next;
  if (*place) *place = entry->next;
  pthread_mutex_unlock(&lock);
  /* One that is closed already answers at once; what is lost is in the log. */
  if (mona_client_close(entry->client, entry->milliseconds) != MONA_OK) {
  }
  mona_client_free(entry->client);
  free(entry);
}

__attribute__((destructor)) static void end_all(void) {
  pthread_mutex_lock(&lock);
  for (open_client *entry = first; entry; entry = entry->next) {
    if (mona_client_close(entry->client, entry->milliseconds) != MONA_OK) continue;
  }
  pthread_mutex_unlock(&lock);
}
