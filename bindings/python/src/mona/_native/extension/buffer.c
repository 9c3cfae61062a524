/*
 * Bytes that grow, and how texts and numbers stand in JSON.
 *
 * Nothing here runs Python code or makes Python objects that the collector of cycles knows, so a walk that borrows may
 * call all of it.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "walk.h"

void text_begin(text_buffer *text) {
  text->bytes = text->first;
  text->used = 0;
  text->room = sizeof text->first;
  text->most = TEXT_MOST;
}

void text_end(text_buffer *text) {
  if (text->bytes != text->first) free(text->bytes);
}

bool text_reserve(text_buffer *text, size_t more) {
  if (more <= text->room - text->used) return true;
  size_t room = text->room;
  while (room - text->used < more) {
    if (room > SIZE_MAX / 2) return false;
    room *= 2;
  }
  bool is_first = text->bytes == text->first;
  char *bytes = realloc(is_first ? NULL : text->bytes, room);
  if (!bytes) return false;
  if (is_first) memcpy(bytes, text->first, text->used);
  text->bytes = bytes;
  text->room = room;
  return true;
}

/** Makes room for `more` bytes below the limit. */
static walk_result room_for(walk *w, size_t more) {
  text_buffer *text = &w->text;
  if (more <= text->room - text->used && text->used + more <= text->most) return WALK_DONE;
  if (text->used > text->most || more > text->most - text->used)
    return walk_refuse(w, MONA_E_LIMIT, "more text than an event may have", NULL);
  if (text_reserve(text, more)) return WALK_DONE;
  PyErr_NoMemory();
  return WALK_RAISED;
}

walk_result text_add(walk *w, const char *bytes, size_t count) {
  walk_result result = room_for(w, count);
  if (result != WALK_DONE) return result;
  memcpy(w->text.bytes + w->text.used, bytes, count);
  w->text.used += count;
  return WALK_DONE;
}

/** Whether JSON wants the byte written in another way. */
static bool is_special(unsigned char byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

walk_result text_add_string(walk *w, PyObject *string) {
  Py_ssize_t length;
  const char *bytes = PyUnicode_AsUTF8AndSize(string, &length);
  if (!bytes) {
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) return WALK_RAISED;
    PyErr_Clear();
    return walk_refuse(w, MONA_E_UTF8, "text with a lone surrogate", NULL);
  }
  size_t count = (size_t)length;
  walk_result result = room_for(w, count + 2);
  if (result != WALK_DONE) return result;
  text_buffer *text = &w->text;
  text->bytes[text->used++] = '"';
  for (size_t at = 0; at < count;) {
    size_t plain = at;
    while (plain < count && !is_special((unsigned char)bytes[plain])) plain++;
    memcpy(text->bytes + text->used, bytes + at, plain - at);
    text->used += plain - at;
    at = plain;
    if (at == count) break;
    /* An escape takes six bytes at most; what is left, as it is, and the last quote must still fit. */
    result = room_for(w, 6 + (count - at) + 1);
    if (result != WALK_DONE) return result;
    unsigned char byte = (unsigned char)bytes[at++];
    char *to = text->bytes + text->used;
    to[0] = '\\';
    to[1] = (char)byte;
    text->used += 2;
    if (byte < 0x20) {
      static const char digits[] = "0123456789abcdef";
      memcpy(to + 1, "u00", 3);
      to[4] = digits[byte >> 4];
      to[5] = digits[byte & 15];
      text->used += 4;
    }
  }
  text->bytes[text->used++] = '"';
  return WALK_DONE;
}

walk_result text_add_float(walk *w, double value) {
  if (isnan(value)) return text_add(w, "NaN", 3);
  if (isinf(value)) return value > 0 ? text_add(w, "Infinity", 8) : text_add(w, "-Infinity", 9);
  char *shortest = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
  if (!shortest) return WALK_RAISED;
  walk_result result = text_add(w, shortest, strlen(shortest));
  PyMem_Free(shortest);
  return result;
}

walk_result text_add_field(walk *w, const mona_field *number) {
  char digits[20]; /* of 2^64 - 1 */
  size_t at = sizeof digits;
  bool is_negative = number->kind == MONA_FIELD_I64 && number->value.i64 < 0;
  uint64_t left = number->kind == MONA_FIELD_U64 ? number->value.u64
                  : is_negative                  ? 0 - (uint64_t)number->value.i64
                                                 : (uint64_t)number->value.i64;
  do {
    digits[--at] = (char)('0' + left % 10);
    left /= 10;
  } while (left);
  if (is_negative) digits[--at] = '-'; /* 2^63 has 19 digits */
  return text_add(w, digits + at, sizeof digits - at);
}
