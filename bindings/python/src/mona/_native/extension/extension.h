/*
 * What the sources of mona._native._extension share: the state of a module, and who converts what.
 *
 * Promises that hold everywhere here: only the limited API of CPython 3.10 is used; a module's state belongs to one
 * interpreter; nothing is static but constants and what belongs to a thread; every function that can fail either has a
 * Python exception set or a mona_status to tell.
 */

#ifndef MONA_EXTENSION_H
#define MONA_EXTENSION_H

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030A0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <mona.h>
#include <stdbool.h>

/** What a module knows: one for each interpreter. */
typedef struct module_state {
  PyTypeObject *client_type;
  PyTypeObject *stack_type;
  PyTypeObject *scope_type;
  PyObject *error;       /* mona._native.Error */
  PyObject *current;     /* the ContextVar */
  PyObject *current_get; /* its bound get and set: PyContextVar_Get is not in the limited API */
  PyObject *current_set;
  PyObject *client;      /* Client, or NULL before the start */
  PyObject *start;       /* hooks; NULL where none is set */
  PyObject *refused;
  PyObject *modern_refused;
  PyObject *modern_default;
  PyObject *type_name;   /* type.__qualname__'s own reader, which no metaclass can replace */
  PyObject *word_arc_class; /* names looked up in events and values */
  PyObject *word_context_id;
  PyObject *word_dtype;
  PyObject *word_item;
  PyObject *word_message;
  PyObject *word_shape;
  PyObject *word_timestamp;
} module_state;

/* The largest value of the option max_depth. */
#define DEPTH_LARGEST 10000

/** mona._native.Client. */
typedef struct {
  PyObject_HEAD
  mona_client *client;
  mona_stack *outside; /* an empty stack of this client, for what happens where nothing is open; may be NULL */
  bool is_default;
  bool waits;           /* exports may wait, so they let other threads of Python run */
  uint32_t depth;       /* the option max_depth */
  bool host_disabled;   /* the last set_disabled() */
  bool seen_pressed;    /* MONA_DISABLE_ALL when it was last looked at */
} client_object;

/** mona._native.Stack: one value of a context, which never changes. */
typedef struct {
  PyObject_HEAD
  mona_stack *stack;
  bool waits; /* these two are of the client that the context was opened with */
  uint32_t depth;
} stack_object;

/* module.c */
module_state *state_of(PyObject *module);

/* status.c: statuses as numbers, sentences and exceptions */
extern PyMethodDef status_methods[];
int status_add_constants(PyObject *module);
void status_refuse(const char *sentence);   /* the binding's own sentence becomes last_error() */
void status_from_library(mona_status status); /* after a call of libmona: its sentence counts if it failed */
PyObject *status_detail(void);
PyObject *status_raise(module_state *state, mona_status status); /* sets Error; NULL */
typedef mona_status (*text_reader)(const void *of, char *buf, size_t cap, size_t *len);
PyObject *status_text_out(module_state *state, text_reader read, const void *of); /* str, or NULL with Error */

/* button.c: MONA_DISABLE_ALL */
bool button_is_pressed(void);
void button_look(client_object *client); /* and lets libmona look, where it changed */

/* client.c */
extern PyType_Spec client_spec;

/* hooks.c: which client the calls of this interpreter use, and what the packages above decide */
extern PyMethodDef hook_methods[];
/* Looks at the button, and starts a client that is needed. 0; 1: none can be made, *status says why; -1: exception */
int client_ready(module_state *state, bool is_needed, mona_status *status);
/* The hook's answer; None without a hook. */
PyObject *hook_refused(PyObject *hook_or_null, mona_status status, PyObject *message);

/* stack.c */
extern PyType_Spec stack_spec;
typedef struct {
  PyObject *object; /* owned; NULL for the empty stack */
  PyObject *owner;  /* owned: whose `outside` is `stack` then, or NULL */
  const mona_stack *stack;
  bool waits;
  uint32_t depth;
} place;
int place_read(module_state *state, place *here); /* 0, or -1 with an exception */
void place_leave(place *here);
const mona_stack *place_from(const place *here); /* for the calls that name a client: NULL for the empty stack */
int place_move(module_state *state, const place *here, mona_stack *to); /* takes `to`; 0, or -1 with an exception */
PyObject *stack_id_text(const mona_stack *stack, size_t skip);
size_t stack_id_length(const mona_stack *stack); /* 0 while disabled */

/* moves.c */
extern PyMethodDef move_methods[];
typedef struct {
  mona_status status;
  uint64_t scope;
} moved;
/* The id is a str, NULL or None. -1 with an exception. `id` gets a new str (full id, or the step's own) unless NULL. */
int move_enter(module_state *state, PyObject *arc_class, PyObject *context_id, PyObject *timestamp, moved *out,
               PyObject **id);
int move_enter_sub(module_state *state, PyObject *arc_class, PyObject *sub_id, moved *out, PyObject **id);
int move_leave(module_state *state, uint64_t scope, mona_status *status);

/* scope.c */
extern PyType_Spec scope_spec;

/* export.c, batch.c, log.c */
extern PyMethodDef export_methods[];
extern PyMethodDef batch_methods[];
extern PyMethodDef log_methods[];

/** A call of libmona that may wait lets other threads of Python run. */
#define CALL_FREELY(waits, call)                   \
  do {                                             \
    if (waits) {                                   \
      PyThreadState *saved_ = PyEval_SaveThread(); \
      call;                                        \
      PyEval_RestoreThread(saved_);                \
    } else {                                       \
      call;                                        \
    }                                              \
  } while (0)

#define METHOD(name, function, flags, doc) {name, (PyCFunction)(void (*)(void))(function), flags, PyDoc_STR(doc)}

#endif
