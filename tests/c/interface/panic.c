/*
 * Provokes a panic inside the library (MONA_TEST_PANIC=mona_client_describe) and goes on using it.
 * Exits with 3 when there was no panic.
 */
#include "check.h"

#include <pthread.h>

static void *describe_on_a_thread(void *client) {
  size_t len = 0;
  STATUS(MONA_E_PANIC, mona_client_describe(client, NULL, 0, &len));
  return NULL;
}

int main(void) {
  mona_client *client = memory_client();
  mona_context *context = NULL;
  pthread_t thread;
  char text[1024] = "untouched";
  size_t len = 77;
  int i;

  if (mona_client_describe(client, NULL, 0, &len) != MONA_E_PANIC) {
    mona_client_free(client);
    puts("no panic");
    return 3;
  }
  CHECK(len == 77);
  STATUS(MONA_OK, mona_last_error(text, sizeof text, &len));
  CHECK(strncmp(text, "mona_client_describe: a bug in libmona, asked for by MONA_TEST_PANIC", 67) == 0);

  for (i = 0; i < 1000; i++) {
    STATUS(MONA_E_PANIC, mona_client_describe(client, text, sizeof text, &len));
  }
  CHECK(pthread_create(&thread, NULL, describe_on_a_thread, client) == 0);
  CHECK(pthread_join(thread, NULL) == 0);

  /* Everything else works as before. */
  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_I64("after", 1)));
  STATUS(MONA_OK, mona_client_flush(client, 60000));
  STATUS(MONA_OK, mona_client_take(client, text, sizeof text, &len));
  CHECK(strstr(text, "\"after\":1") != NULL);
  mona_context_free(context);
  STATUS(MONA_OK, mona_client_close(client, 60000));
  mona_client_free(client);
  if (failures == 0) {
    puts("contained");
  }
  return failures == 0 ? 0 : 1;
}
