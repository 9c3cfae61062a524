/* The macros of typed fields from C99 on. */
#include "macros.h"

static mona_field made(const char *key) { return MONA_F64(key, 1.5); }

int main(void) {
  mona_client *client = memory_client();
  mona_context *context = NULL;

  STATUS(MONA_OK, mona_context_new(client, NULL, 0, "id", MONA_NTS, MONA_NOW, &context));
  as_array(client, context);
  as_null(client, context);
  as_floats(client, context);
  as_limits(client, context);

  evaluated = 0;
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR(once("label"), once("cat")),
                              made("made")));
  CHECK(evaluated == 2);
  STATUS(MONA_OK, mona_context_export(context, "{\"confidence\":0.97,\"label\":\"cat\",\"made\":1.5}", MONA_NTS,
                                      MONA_NOW));
  same_twice(client, "{\"confidence\":0.97,\"label\":\"cat\",\"made\":1.5}");

  evaluated = 0;
  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_E_NO_CONTEXT, MONA_CURRENT(MONA_I64("n", 1)));
  STATUS(MONA_OK, mona_current_enter(NULL, 0, "id", MONA_NTS, MONA_NOW, NULL));
  STATUS(MONA_OK, MONA_CURRENT(MONA_F32("confidence", 0.97f), MONA_I64("n", evaluated++), made("made")));
  CHECK(evaluated == 1);
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_I64("n", 0), MONA_F64("made", 1.5)));
  same_twice(client, "{\"confidence\":0.97,\"n\":0,\"made\":1.5}");
  STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));

  STATUS(MONA_OK, MONA_EXPORT(context, MONA_BOOL("one", 7 > 3)));
  STATUS(MONA_OK, mona_context_export(context, "{\"one\":true}", MONA_NTS, MONA_NOW));
  same_twice(client, "{\"one\":true}");

  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
