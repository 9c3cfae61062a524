/*
 * The same events as typed fields and as JSON, in every language that has the macros: the records must
 * be equal but for the order number that each carries.
 */
#ifndef MACROS_H
#define MACROS_H

#include "check.h"

static int evaluated;

static inline const char *once(const char *text) {
  evaluated++;
  return text;
}

/* Gives the message part of the oldest record. */
static inline const char *taken(mona_client *client, char *buf, size_t cap) {
  size_t len = 0;
  const char *message;
  STATUS(MONA_OK, mona_client_flush(client, 10000));
  STATUS(MONA_OK, mona_client_take(client, buf, cap, &len));
  message = strstr(buf, "\"message\":");
  return message != NULL ? message : buf;
}

/* Both ways of an event are the same record. */
static inline void same_twice(mona_client *client, const char *expected) {
  char typed[1024] = "";
  char json[1024] = "";
  const char *first = taken(client, typed, sizeof typed);
  const char *second = taken(client, json, sizeof json);
  size_t len = strlen(expected);
  CHECK(strncmp(first + 10, expected, len) == 0);
  CHECK(strncmp(second + 10, expected, len) == 0);
  if (strncmp(first + 10, expected, len) != 0) {
    printf("found %s\nexpected %s\n", first, expected);
  }
}

#define ALL_JSON                                                                                  \
  "{\"null\":null,\"yes\":true,\"no\":false,\"least\":-9223372036854775808,"                      \
  "\"most\":18446744073709551615,\"half\":0.5,\"text\":\"caf\xc3\xa9\",\"nested\":{\"a\":[1,2]}}"

/* An array of fields of every kind; both languages and all standards have this. */
static inline void as_array(mona_client *client, const mona_context *context) {
  const char *key = "half";
  mona_field fields[8];
  mona_field null_field = MONA_NULL("null");
  mona_field yes = MONA_BOOL("yes", 42);
  mona_field no = MONA_BOOL("no", 0);
  mona_field least = MONA_I64("least", INT64_MIN);
  mona_field most = MONA_U64("most", UINT64_MAX);
  mona_field half = MONA_F64(key, 0.5);
  mona_field text = MONA_STR("text", once("caf\xc3\xa9"));
  mona_field nested = MONA_JSON("nested", "{\"a\":[1,2]}");
  fields[0] = null_field;
  fields[1] = yes;
  fields[2] = no;
  fields[3] = least;
  fields[4] = most;
  fields[5] = half;
  fields[6] = text;
  fields[7] = nested;
  CHECK(evaluated == 1);
  STATUS(MONA_OK, mona_context_export_fields(context, fields, 8, 1552903200.0));
  STATUS(MONA_OK, mona_context_export(context, ALL_JSON, MONA_NTS, 1552903200.0));
  same_twice(client, ALL_JSON);
}

/* Text that is NULL is null: as a constant, and where nobody knows before it runs. */
static inline void as_null(mona_client *client, const mona_context *context) {
  const char *unknown = getenv("MONA_TEST_NOTHING_OF_THIS_NAME");
  int n;
  mona_field fields[5];
  fields[0] = MONA_STR("first", NULL);
  fields[1] = MONA_STR("second", unknown);
  fields[2] = MONA_JSON("third", NULL);
  fields[3] = MONA_JSON("fourth", unknown);
  fields[4] = MONA_I64("last", 1);
  for (n = 0; n < 3; n++) {
    /* Whatever the length says. */
    static const size_t lens[3] = {MONA_NTS, 0, 7};
    fields[0].value.text.len = lens[n];
    fields[3].value.text.len = lens[n];
    STATUS(MONA_OK, mona_context_export_fields(context, fields, 5, 1552903200.0));
    STATUS(MONA_OK, mona_context_export(context, "{\"first\":null,\"second\":null,\"third\":null,\"fourth\":null,\"last\":1}",
                                        MONA_NTS, 1552903200.0));
    same_twice(client, "{\"first\":null,\"second\":null,\"third\":null,\"fourth\":null,\"last\":1}");
  }
}

#endif
