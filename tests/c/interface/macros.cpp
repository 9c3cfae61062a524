// The macros of typed fields in every standard of C++; MONA_EXPORT from C++11 on.
#include "macros.h"

int main() {
  mona_client *client = memory_client();
  mona_context *context = 0;

  STATUS(MONA_OK, mona_context_new(client, 0, 0, "id", MONA_NTS, MONA_NOW, &context));
  as_array(client, context);
  as_null(client, context);
  as_floats(client, context);
  as_limits(client, context);

#if __cplusplus >= 201103L
  const mona_field ready = MONA_BOOL("ready", true);
  evaluated = 0;
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR(once("label"), once("cat")), ready));
  CHECK(evaluated == 2);
  STATUS(MONA_OK, mona_context_export(context, "{\"confidence\":0.97,\"label\":\"cat\",\"ready\":true}", MONA_NTS,
                                      MONA_NOW));
  same_twice(client, "{\"confidence\":0.97,\"label\":\"cat\",\"ready\":true}");
  evaluated = 0;
  STATUS(MONA_OK, mona_client_set_default(client));
  STATUS(MONA_E_NO_CONTEXT, MONA_CURRENT(MONA_I64("n", 1)));
  STATUS(MONA_OK, mona_current_enter(0, 0, "id", MONA_NTS, MONA_NOW, 0));
  STATUS(MONA_OK, MONA_CURRENT(MONA_F32("confidence", 0.97f), MONA_I64("n", evaluated++), ready));
  CHECK(evaluated == 1);
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_I64("n", 0), ready));
  same_twice(client, "{\"confidence\":0.97,\"n\":0,\"ready\":true}");
  STATUS(MONA_OK, mona_current_leave(MONA_INNERMOST));
#elif defined(MONA_EXPORT) || defined(MONA_CURRENT)
#error "MONA_EXPORT and MONA_CURRENT need C++11"
#endif

  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
