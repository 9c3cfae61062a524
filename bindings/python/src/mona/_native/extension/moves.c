/*
 * The moves: from the stack in CURRENT to the next one, by mona_stack_*.
 *
 * `to` is written whatever the status, so CURRENT is set even where a move was refused. Classes, ids and timestamps are
 * any value; what JSON cannot say of a class is given to libmona as text that it refuses, so that its rules decide.
 */

#include "walk.h"

/** What a move takes, with the texts it borrows. */
typedef struct {
  place here;
  walk walk;
  bool has_class, has_time, is_unsayable;
  mona_field arc_class, timestamp;
  const char *id;
  size_t id_len;
  PyObject *id_owner;
} arguments;

static void arguments_end(arguments *given) {
  walk_end(&given->walk);
  Py_XDECREF(given->id_owner);
  place_leave(&given->here);
}

static int read_id(arguments *given, PyObject *id) {
  given->id = NULL;
  given->id_len = 0;
  given->id_owner = NULL;
  if (!id || id == Py_None) return 0;
  given->id_owner = kind_of(id) == KIND_STR ? Py_NewRef(id) : PyObject_Str(id);
  if (!given->id_owner) return -1;
  Py_ssize_t length;
  given->id = PyUnicode_AsUTF8AndSize(given->id_owner, &length);
  given->id_len = (size_t)length;
  if (given->id) return 0;
  if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return -1;
  PyErr_Clear();
  given->id = "\xff"; /* libmona says UTF8 */
  given->id_len = 1;
  return 0;
}

/**
 * Reads everything; 0, -1 with an exception, 1 with a status where there is no client. The walk is safe: values may
 * run Python code, and the call may let other threads run.
 */
static int arguments_read(module_state *state, arguments *given, bool is_main, PyObject *arc_class, PyObject *id,
                          PyObject *timestamp, mona_status *status) {
  given->here.object = NULL;
  given->here.owner = NULL;
  given->id_owner = NULL;
  given->has_class = arc_class && arc_class != Py_None;
  given->has_time = timestamp && timestamp != Py_None;
  given->is_unsayable = false;
  walk_begin(&given->walk, state, NULL, true);
  walk_result result = WALK_DONE;
  if (read_id(given, id) < 0) return -1;
  if (given->has_time) result = walk_timestamp(&given->walk, &given->timestamp, timestamp);
  if (result != WALK_RAISED && given->has_class) {
    result = walk_arc_class(&given->walk, &given->arc_class, arc_class);
    given->is_unsayable = result == WALK_REFUSED;
  }
  if (result == WALK_RAISED) return -1;
  if (given->has_class) walk_finish(&given->walk, given->is_unsayable ? NULL : &given->arc_class);
  if (given->has_time) walk_finish(&given->walk, &given->timestamp);
  /* All Python code has run: what is read now is what the move starts from. */
  if (place_read(state, &given->here) < 0) return -1;
  /* libmona looks at the button itself where it opens a main context. */
  if (is_main && state->client && !given->here.object) return 0;
  int ready = client_ready(state, is_main || !given->here.object, status);
  if (ready != 0 || given->here.object || given->here.owner) return ready;
  return place_read(state, &given->here);
}

static const mona_field *class_of(const arguments *given) { return given->has_class ? &given->arc_class : NULL; }

static const mona_field *time_of(const arguments *given) { return given->has_time ? &given->timestamp : NULL; }

/** Sets CURRENT and tells the status; of what the binding could not say, in its own words. */
static int moved_to(module_state *state, arguments *given, mona_status *status, mona_stack *to) {
  status_from_library(*status);
  if (*status == MONA_E_JSON && given->is_unsayable) *status = walk_explain(&given->walk);
  return place_move(state, &given->here, to);
}

/** After a main context from the empty stack, for which libmona looked at the button, and this binding did not. */
static void saw_button(const arguments *given, client_object *client, const mona_stack *to) {
  if (given->here.object) return;
  if (to)
    client->seen_pressed = false; /* it opened */
  else
    button_look(client);
}

/** The same for a move inside of a context: where none was open, the client's empty stack came back. */
static int moved_inside(module_state *state, arguments *given, mona_status *status, mona_stack *to) {
  if (!given->here.object) {
    mona_stack_free(to);
    to = NULL;
  }
  return moved_to(state, given, status, to);
}

static int move_end(arguments *given, int result, moved *out, PyObject **id) {
  arguments_end(given);
  if (result == 1) {
    /* Nothing was entered. */
    out->scope = 0;
    if (id) *id = PyUnicode_FromString("");
    result = 0;
  }
  if (id && result == 0 && !*id) result = -1;
  if (id && result < 0) Py_CLEAR(*id);
  return result;
}

int move_enter(module_state *state, PyObject *arc_class, PyObject *context_id, PyObject *timestamp, moved *out,
               PyObject **id) {
  arguments given;
  if (id) *id = NULL;
  int result = arguments_read(state, &given, true, arc_class, context_id, timestamp, &out->status);
  if (result == 0) {
    client_object *client = (client_object *)Py_NewRef(state->client);
    mona_stack *to = NULL;
    given.here.waits |= client->waits;
    given.here.depth = client->depth;
    CALL_FREELY(client->waits,
                out->status = mona_stack_enter(client->client, place_from(&given.here), class_of(&given), given.id,
                                               given.id_len, time_of(&given), &out->scope, &to));
    saw_button(&given, client, to);
    if (id) *id = stack_id_text(to, 0);
    result = moved_to(state, &given, &out->status, to);
    Py_DECREF(client);
  }
  return move_end(&given, result, out, id);
}

int move_enter_sub(module_state *state, PyObject *arc_class, PyObject *sub_id, moved *out, PyObject **id) {
  arguments given;
  if (id) *id = NULL;
  int result = arguments_read(state, &given, false, arc_class, sub_id, NULL, &out->status);
  if (result == 0) {
    mona_stack *to = NULL;
    CALL_FREELY(given.here.waits, out->status = mona_stack_enter_sub(given.here.stack, class_of(&given), given.id,
                                                                     given.id_len, &out->scope, &to));
    /* The step's own id stands behind that of the context around it, and a dot. */
    size_t above = id ? stack_id_length(given.here.stack) : 0;
    if (id) *id = out->status == MONA_OK ? stack_id_text(to, above + 1) : PyUnicode_FromString("");
    result = moved_inside(state, &given, &out->status, to);
  }
  return move_end(&given, result, out, id);
}

int move_leave(module_state *state, uint64_t scope, mona_status *status) {
  place here;
  *status = MONA_OK;
  if (place_read(state, &here) < 0) return -1;
  int result = 0;
  if (here.object && scope) {
    mona_stack *to = NULL;
    *status = mona_stack_leave(here.stack, scope, &to);
    status_from_library(*status);
    result = place_move(state, &here, to);
  }
  place_leave(&here);
  return result;
}

static bool count_is(Py_ssize_t count, Py_ssize_t least, Py_ssize_t most) {
  if (count >= least && count <= most) return true;
  PyErr_Format(PyExc_TypeError, "%zd to %zd arguments are expected, %zd were given", least, most, count);
  return false;
}

static PyObject *enter(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  moved out;
  if (!count_is(count, 3, 3)) return NULL;
  if (move_enter(state_of(module), args[0], args[1], args[2], &out, NULL) < 0) return NULL;
  return Py_BuildValue("iK", (int)out.status, (unsigned long long)out.scope);
}

static PyObject *enter_sub(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  moved out;
  if (!count_is(count, 2, 2)) return NULL;
  if (move_enter_sub(state_of(module), args[0], args[1], &out, NULL) < 0) return NULL;
  return Py_BuildValue("iK", (int)out.status, (unsigned long long)out.scope);
}

static PyObject *leave(PyObject *module, PyObject *number) {
  uint64_t scope = PyLong_AsUnsignedLongLong(number);
  if (scope == (uint64_t)-1 && PyErr_Occurred()) return NULL;
  mona_status status;
  if (move_leave(state_of(module), scope, &status) < 0) return NULL;
  return PyLong_FromLong(status);
}

static PyObject *open_main(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  module_state *state = state_of(module);
  arguments given;
  mona_status status = MONA_OK;
  if (!count_is(count, 3, 3)) return NULL;
  int result = arguments_read(state, &given, true, args[0], args[1], args[2], &status);
  if (result == 0) {
    client_object *client = (client_object *)Py_NewRef(state->client);
    mona_stack *to = NULL;
    given.here.waits |= client->waits;
    given.here.depth = client->depth;
    CALL_FREELY(client->waits,
                status = mona_stack_open(client->client, place_from(&given.here), class_of(&given), given.id,
                                         given.id_len, time_of(&given), &to));
    saw_button(&given, client, to);
    result = moved_to(state, &given, &status, to);
    Py_DECREF(client);
  }
  arguments_end(&given);
  return result < 0 ? NULL : PyLong_FromLong(status);
}

static PyObject *open_sub(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  module_state *state = state_of(module);
  arguments given;
  mona_status status = MONA_OK;
  if (!count_is(count, 2, 2)) return NULL;
  int result = arguments_read(state, &given, false, args[0], args[1], NULL, &status);
  if (result == 0) {
    mona_stack *to = NULL;
    CALL_FREELY(given.here.waits,
                status = mona_stack_open_sub(given.here.stack, class_of(&given), given.id, given.id_len, &to));
    result = moved_inside(state, &given, &status, to);
  }
  arguments_end(&given);
  return result < 0 ? NULL : PyLong_FromLong(status);
}

static PyObject *close_sub(PyObject *module, PyObject *id) {
  module_state *state = state_of(module);
  arguments given;
  mona_status status = MONA_OK;
  int result = arguments_read(state, &given, false, NULL, id, NULL, &status);
  if (result == 0) {
    mona_stack *to = NULL;
    status = mona_stack_close_sub(given.here.stack, given.id_len ? given.id : NULL, given.id_len, &to);
    result = moved_inside(state, &given, &status, to);
  }
  arguments_end(&given);
  return result < 0 ? NULL : PyLong_FromLong(status);
}

static PyObject *reset(PyObject *module, PyObject *nothing) {
  (void)nothing;
  module_state *state = state_of(module);
  place here;
  mona_status status = MONA_OK;
  if (client_ready(state, false, &status) < 0 || place_read(state, &here) < 0) return NULL;
  int result = 0;
  if (here.object) {
    mona_stack *to = NULL;
    status = mona_stack_reset(here.stack, &to);
    status_from_library(status);
    result = place_move(state, &here, to);
  }
  place_leave(&here);
  return result < 0 ? NULL : PyLong_FromLong(status);
}

static PyObject *current_id(PyObject *module, PyObject *nothing) {
  (void)nothing;
  module_state *state = state_of(module);
  place here;
  mona_status status;
  if (client_ready(state, false, &status) < 0 || place_read(state, &here) < 0) return NULL;
  PyObject *id = stack_id_text(here.stack, 0);
  place_leave(&here);
  return id;
}

PyMethodDef move_methods[] = {
    METHOD("enter", enter, METH_FASTCALL, "enter(arc_class, context_id, timestamp) -> (status, scope)"),
    METHOD("enter_sub", enter_sub, METH_FASTCALL, "enter_sub(arc_class, sub_context_id) -> (status, scope)"),
    METHOD("leave", leave, METH_O, "leave(scope) -> status"),
    METHOD("open", open_main, METH_FASTCALL, "open(arc_class, context_id, timestamp) -> status"),
    METHOD("open_sub", open_sub, METH_FASTCALL, "open_sub(arc_class, sub_id) -> status"),
    METHOD("close_sub", close_sub, METH_O, "close_sub(sub_id) -> status; None or \"\": the last one"),
    METHOD("reset", reset, METH_NOARGS, "Forgets the contexts; gives a status."),
    METHOD("current_id", current_id, METH_NOARGS,
           "current_id($module, /)\n--\n\nThe full id of CURRENT, \"\" where nothing is open."),
    {NULL, NULL, 0, NULL},
};
