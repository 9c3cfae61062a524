/* The macros of typed fields from C99 on. */
#include "macros.h"

static mona_field made(const char *key) { return MONA_F64(key, 1.5); }

int main(void) {
  mona_client *client = memory_client();
  mona_context *context = NULL;

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  as_array(client, context);
  as_null(client, context);

  evaluated = 0;
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR(once("label"), once("cat")),
                              made("made")));
  CHECK(evaluated == 2);
  STATUS(MONA_OK, mona_context_export(context, "{\"confidence\":0.97,\"label\":\"cat\",\"made\":1.5}", MONA_NTS,
                                      MONA_NOW));
  same_twice(client, "{\"confidence\":0.97,\"label\":\"cat\",\"made\":1.5}");

  STATUS(MONA_OK, MONA_EXPORT(context, MONA_BOOL("one", 7 > 3)));
  STATUS(MONA_OK, mona_context_export(context, "{\"one\":true}", MONA_NTS, MONA_NOW));
  same_twice(client, "{\"one\":true}");

  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
