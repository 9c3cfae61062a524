/*
 * From Python values to mona_field: what the sources that convert share.
 *
 * A walk goes one of two ways. The quick one borrows: no Python code runs from its first step to the call of libmona,
 * so that nothing it points at can go away. Where a value needs Python code (a numpy scalar, a default hook, a dict
 * subclass), or where the call lets other threads run, the walk is begun again the safe way: every container is copied
 * before it is gone through, and whatever a field points at is held until the walk ends.
 */

#ifndef MONA_WALK_H
#define MONA_WALK_H

#include "extension.h"

/* What every field of every event goes through. */
#if defined(__GNUC__)
#define QUICK static inline __attribute__((always_inline))
#else
#define QUICK static inline
#endif

/* Events have a handful of fields; more than these move to the heap. */
#define FIELDS_INLINE 48
#define HELD_INLINE 8
#define TEXT_INLINE 512

/*
 * The most JSON text that one field, or one event of a batch, may become. An event has 2 MiB at most (max_event_bytes),
 * and no value takes more than six times as many bytes in JSON as it does encoded, so nothing that could be sent is
 * longer; without a bound, lists that share their parts would fill the memory.
 */
#define TEXT_MOST ((size_t)16 << 20)

/* A default hook may answer a value that needs the hook again; so often for one value, then it is refused. */
#define HOPS_MOST 32

/** How a step of a walk ended. */
typedef enum {
  WALK_DONE = 0,
  WALK_RAISED = -1, /* a Python exception is set */
  WALK_REFUSED = 1, /* the value cannot be said: `refusal` tells why */
  WALK_UNSAFE = 2   /* begin again, the safe way */
} walk_result;

/** Bytes that grow. */
typedef struct {
  char *bytes;
  size_t used;
  size_t room;
  size_t most; /* `used` never passes it */
  char first[TEXT_INLINE];
} text_buffer;

/** Why a value was refused. */
typedef struct {
  mona_status status;
  const char *reason;  /* static */
  PyObject *offender;  /* the type of the value, or the exception it raised; owned, may be NULL */
  PyObject *key;       /* the field it stands in; owned, may be NULL */
} walk_refusal;

typedef struct {
  module_state *state;
  PyObject *hook; /* default=; borrowed, NULL for none */
  bool is_safe;
  size_t depth; /* what is nested deeper than max_depth and one more is not gone through: it may be a circle */
  PyObject *key;  /* of the field under way; borrowed */
  walk_refusal refusal;
  size_t count;
  size_t room;
  mona_field *fields;
  bool has_json; /* texts of JSON fields are offsets until walk_finish() */
  size_t held_count;
  size_t held_room;
  PyObject **held;
  text_buffer text;
  PyObject *held_first[HELD_INLINE];
  mona_field fields_first[FIELDS_INLINE];
} walk;

/** What a value is to JSON, whatever its class is called. */
typedef enum {
  KIND_NULL,
  KIND_BOOL,
  KIND_INT,
  KIND_FLOAT,
  KIND_STR,
  KIND_LIST,
  KIND_TUPLE,
  KIND_DICT,
  KIND_OTHER
} kind;

QUICK kind kind_of(PyObject *value) {
  PyTypeObject *type = Py_TYPE(value);
  if (type == &PyUnicode_Type) return KIND_STR;
  if (type == &PyFloat_Type) return KIND_FLOAT;
  if (type == &PyLong_Type) return KIND_INT;
  if (value == Py_None) return KIND_NULL;
  if (type == &PyBool_Type) return KIND_BOOL;
  unsigned long flags = PyType_GetFlags(type);
  if (flags & Py_TPFLAGS_UNICODE_SUBCLASS) return KIND_STR;
  if (flags & Py_TPFLAGS_LONG_SUBCLASS) return KIND_INT;
  if (flags & Py_TPFLAGS_DICT_SUBCLASS) return KIND_DICT;
  if (flags & Py_TPFLAGS_LIST_SUBCLASS) return KIND_LIST;
  if (flags & Py_TPFLAGS_TUPLE_SUBCLASS) return KIND_TUPLE;
  if (PyType_IsSubtype(type, &PyFloat_Type)) return KIND_FLOAT;
  return KIND_OTHER;
}

/* walk.c */
void walk_begin(walk *w, module_state *state, PyObject *hook, bool is_safe);
void walk_again(walk *w); /* from the start, the safe way */
void walk_end(walk *w);
walk_result walk_dict(walk *w, PyObject *message);
walk_result walk_keywords(walk *w, PyObject *const *values, PyObject *names);
walk_result walk_value(walk *w, mona_field *field, PyObject *value); /* `field` gets all but its key */
/* Gives the texts of JSON fields their place, when all are written; `extra` is a field outside the list, or NULL. */
void walk_finish(walk *w, mona_field *extra);
walk_result walk_refuse(walk *w, mona_status status, const char *reason, PyObject *offender_or_null);
walk_result walk_hold(walk *w, PyObject *owned); /* takes the reference */
walk_result walk_number_of(walk *w, PyObject *value, mona_field *field);
mona_status walk_explain(walk *w); /* the sentence of a refusal becomes last_error(); its status */
void walk_refused_field(const walk *w, mona_field *field); /* a value that libmona refuses as the walk did */
/* Class and timestamp: what cannot be said stands as text (timestamps) or as what libmona refuses (classes). */
walk_result walk_timestamp(walk *w, mona_field *field, PyObject *value);
walk_result walk_arc_class(walk *w, mona_field *field, PyObject *value);

/* resolve.c: *plain gets a new reference to a value that is not KIND_OTHER. Runs Python code. */
walk_result resolve(walk *w, PyObject *value, PyObject **plain);
walk_result resolve_items(walk *w, PyObject *dict, PyObject **items); /* a new list of pairs */

/* json.c: one value as JSON text behind what is there */
walk_result json_write(walk *w, PyObject *value);
walk_result json_key_text(walk *w, PyObject *key, PyObject **text); /* a new str for a key that is none */

/* buffer.c */
void text_begin(text_buffer *text);
void text_end(text_buffer *text);
bool text_reserve(text_buffer *text, size_t more); /* false: beyond `most`, or no memory */
walk_result text_add(walk *w, const char *bytes, size_t count);
walk_result text_add_string(walk *w, PyObject *string); /* quoted */
walk_result text_add_float(walk *w, double value);
walk_result text_add_field(walk *w, const mona_field *number); /* I64 or U64 */

#endif
