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
  STATUS(MONA_OK, mona_client_flush(client, 60000));
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
  "\"most\":18446744073709551615,\"half\":0.5,\"short\":0.97,\"text\":\"caf\xc3\xa9\",\"nested\":{\"a\":[1,2]}}"

/* An array of fields of every kind; both languages and all standards have this. */
static inline void as_array(mona_client *client, const mona_context *context) {
  const char *key = "half";
  mona_field fields[9];
  mona_field null_field = MONA_NULL("null");
  mona_field yes = MONA_BOOL("yes", 42);
  mona_field no = MONA_BOOL("no", 0);
  mona_field least = MONA_I64("least", INT64_MIN);
  mona_field most = MONA_U64("most", UINT64_MAX);
  mona_field half = MONA_F64(key, 0.5);
  mona_field shorter = MONA_F32("short", 0.97f);
  mona_field text = MONA_STR("text", once("caf\xc3\xa9"));
  mona_field nested = MONA_JSON("nested", "{\"a\":[1,2]}");
  fields[0] = null_field;
  fields[1] = yes;
  fields[2] = no;
  fields[3] = least;
  fields[4] = most;
  fields[5] = half;
  fields[6] = shorter;
  fields[7] = text;
  fields[8] = nested;
  CHECK(evaluated == 1);
  STATUS(MONA_OK, mona_context_export_fields(context, fields, 9, 1552903200.0));
  STATUS(MONA_OK, mona_context_export(context, ALL_JSON, MONA_NTS, 1552903200.0));
  same_twice(client, ALL_JSON);
}

/* What a float says and not what a double would: all of its digits, and no more; nothing and no number as JSON has them. */
static inline void as_floats(mona_client *client, const mona_context *context) {
  static const float values[10] = {0.97f, -0.1f, 16777216.0f, 1.00390625f, 3.4028235e38f, 1.1754944e-38f, 1e-45f, 0.0f, 1e10f, 0.3333333f};
  static const char *const keys[10] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
  const char *json = "{\"a\":0.97,\"b\":-0.1,\"c\":16777216.0,\"d\":1.0039063,\"e\":3.4028235e38,"
                     "\"f\":1.1754944e-38,\"g\":1e-45,\"h\":0.0,\"i\":10000000000.0,\"j\":0.3333333,\"k\":null}";
  mona_field fields[11];
  int n;
  for (n = 0; n < 10; n++) fields[n] = MONA_F32(keys[n], values[n]);
  fields[10] = MONA_F32("k", values[4] * 2);
  for (n = 0; n < 3; n++) {
    STATUS(MONA_OK, mona_context_export_fields(context, fields, 11, 1552903200.0));
    STATUS(MONA_OK, mona_context_export(context, json, MONA_NTS, 1552903200.0));
    same_twice(client, json);
  }
}

/* Values at the ends of their types, and what becomes one of these without a loss. */
static inline void as_limits(mona_client *client, const mona_context *context) {
  const unsigned char byte = 255;
  const signed char least = -128;
  const float third = 0.25f;
  enum { BEFORE = -1 };
  const char *json = "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":255,\"d\":-128,\"e\":4294967295,"
                     "\"f\":-1,\"g\":0,\"h\":9223372036854775807,\"i\":255,\"j\":0.25,\"k\":-2147483648.0,\"l\":true}";
  mona_field fields[12];
  fields[0] = MONA_I64("a", INT64_MAX);
  fields[1] = MONA_I64("b", INT64_MIN);
  fields[2] = MONA_I64("c", byte);
  fields[3] = MONA_I64("d", least);
  fields[4] = MONA_I64("e", UINT32_MAX);
  fields[5] = MONA_I64("f", BEFORE);
  fields[6] = MONA_U64("g", 0);
  fields[7] = MONA_U64("h", INT64_MAX);
  fields[8] = MONA_U64("i", byte);
  fields[9] = MONA_F64("j", third);
  fields[10] = MONA_F64("k", INT32_MIN);
  fields[11] = MONA_BOOL("l", UINT64_MAX);
  STATUS(MONA_OK, mona_context_export_fields(context, fields, 12, 1552903200.0));
  STATUS(MONA_OK, mona_context_export(context, json, MONA_NTS, 1552903200.0));
  same_twice(client, json);
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
