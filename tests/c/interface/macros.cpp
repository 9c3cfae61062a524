// The macros of typed fields in every standard of C++; MONA_EXPORT from C++11 on.
#include "macros.h"

int main() {
  mona_client *client = memory_client();
  mona_context *context = 0;

  STATUS(MONA_OK, mona_context_new(client, 0, 0, "id", MONA_NTS, MONA_NOW, &context));
  as_array(client, context);
  as_null(client, context);

#if __cplusplus >= 201103L
  const mona_field ready = MONA_BOOL("ready", true);
  evaluated = 0;
  STATUS(MONA_OK, MONA_EXPORT(context, MONA_F64("confidence", 0.97), MONA_STR(once("label"), once("cat")), ready));
  CHECK(evaluated == 2);
  STATUS(MONA_OK, mona_context_export(context, "{\"confidence\":0.97,\"label\":\"cat\",\"ready\":true}", MONA_NTS,
                                      MONA_NOW));
  same_twice(client, "{\"confidence\":0.97,\"label\":\"cat\",\"ready\":true}");
#elif defined(MONA_EXPORT)
#error "MONA_EXPORT needs C++11"
#endif

  mona_context_free(context);
  mona_client_free(client);
  return finish();
}
