/*
 * Client: one client of libmona, and which one the calls of this interpreter use.
 *
 * Whatever may wait for a network releases the GIL. A default client is never freed: libmona flushes it when the
 * process ends, and threads that outlive the interpreter may be in a call of it.
 */

#include <stdlib.h>
#include <string.h>

#include "extension.h"

static client_object *as_client(PyObject *self) { return (client_object *)self; }

/** Sets one option from two str. */
static int set_option(module_state *state, mona_options *options, PyObject *name, PyObject *value) {
  if (!PyUnicode_Check(name) || !PyUnicode_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "options are a mapping of str to str");
    return -1;
  }
  Py_ssize_t name_len, value_len;
  const char *name_text = PyUnicode_AsUTF8AndSize(name, &name_len);
  const char *value_text = name_text ? PyUnicode_AsUTF8AndSize(value, &value_len) : NULL;
  mona_status status = MONA_E_UTF8;
  if (value_text) {
    status = mona_options_set(options, name_text, (size_t)name_len, value_text, (size_t)value_len);
    if (status == MONA_OK) return 0;
    status_from_library(status);
  } else {
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return -1;
    PyErr_Clear();
    status_refuse("option: it has a lone surrogate, text that UTF-8 can say is expected");
  }
  status_raise(state, status);
  return -1;
}

static mona_status read_describe(const void *of, char *buf, size_t cap, size_t *len) {
  return mona_client_describe(of, buf, cap, len);
}

/**
 * Makes the stack of where nothing is open: libmona's own empty one, NULL, belongs to the default client. One whose
 * context was reset inside its enter has none for ever. Nothing goes out for it, as there are no globals yet.
 */
static void make_outside(client_object *self) {
  uint64_t scope;
  mona_stack *entered = NULL;
  mona_status status = mona_stack_enter(self->client, NULL, NULL, "outside", 7, NULL, &scope, &entered);
  if (status == MONA_OK) status = mona_stack_reset(entered, &self->outside);
  mona_stack_free(entered);
}

/** What the options in force say about waiting and about depth. */
static int learn_options(module_state *state, client_object *self) {
  PyObject *described = status_text_out(state, read_describe, self->client);
  const char *text = described ? PyUnicode_AsUTF8AndSize(described, NULL) : NULL;
  /* Quotes inside of values are escaped, so these stand nowhere else. */
  static const char depth[] = "\"max_depth\":{\"value\":";
  if (text) {
    self->waits = strstr(text, "\"blocking\":{\"value\":true") || strstr(text, "\"queue_circular\":{\"value\":false");
    const char *found = strstr(text, depth);
    unsigned long number = found ? strtoul(found + sizeof depth - 1, NULL, 10) : 0;
    self->depth = number && number <= DEPTH_LARGEST ? (uint32_t)number : DEPTH_LARGEST;
  }
  Py_XDECREF(described);
  return text ? 0 : -1;
}

static int client_fill(module_state *state, client_object *self, PyObject *mapping) {
  PyObject *items = PyMapping_Items(mapping);
  if (!items) return -1;
  mona_options *options = mona_options_new();
  int result = options ? 0 : -1;
  if (!options) PyErr_NoMemory();
  for (Py_ssize_t at = 0; result == 0 && at < PyList_Size(items); at++) {
    PyObject *name, *value;
    result = PyArg_ParseTuple(PyList_GetItem(items, at), "OO", &name, &value) ? 0 : -1;
    if (result == 0) result = set_option(state, options, name, value);
  }
  Py_DECREF(items);
  if (result == 0) {
    mona_status status;
    self->seen_pressed = button_is_pressed();
    CALL_FREELY(true, status = mona_client_new(options, &self->client));
    if (status != MONA_OK) {
      status_raise(state, status);
      result = -1;
    }
  }
  mona_options_free(options);
  if (result == 0) make_outside(self);
  return result == 0 ? learn_options(state, self) : result;
}

static PyObject *client_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"options", NULL};
  PyObject *mapping;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:Client", names, &mapping)) return NULL;
  module_state *state = PyType_GetModuleState(type);
  allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  if (!state || !alloc) return NULL;
  PyObject *self = alloc(type, 0);
  if (self && client_fill(state, as_client(self), mapping) < 0) Py_CLEAR(self);
  return self;
}

/** Once the interpreter ends, threads that outlive it may still be in a call of the client. */
static bool is_ending(void) {
  PyObject *ask = PySys_GetObject("is_finalizing");
  PyObject *answer = ask ? PyObject_CallNoArgs(ask) : NULL;
  bool ends = answer != Py_False;
  if (!answer) PyErr_Clear();
  Py_XDECREF(answer);
  return ends;
}

static void client_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  mona_client *client = as_client(self)->client;
  mona_stack_free(as_client(self)->outside);
  if (client && !as_client(self)->is_default) {
    PyObject *kind, *value, *trace;
    PyErr_Fetch(&kind, &value, &trace);
    if (!is_ending()) CALL_FREELY(true, mona_client_free(client));
    PyErr_Restore(kind, value, trace);
  }
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(self);
  Py_DECREF(type);
}

/** None, or NULL with Error. */
static PyObject *done_or_raise(PyTypeObject *type, mona_status status) {
  if (status == MONA_OK) Py_RETURN_NONE;
  return status_raise(PyType_GetModuleState(type), status);
}

#define CLIENT_METHOD(name)                                                                                          \
  static PyObject *name(PyObject *self, PyTypeObject *type, PyObject *const *args, Py_ssize_t count, PyObject *names)

/** The one argument of a method, or NULL with TypeError. */
static PyObject *only(PyObject *const *args, Py_ssize_t count, PyObject *names) {
  if (count == 1 && !names) return args[0];
  /* By its name too. */
  if (count == 0 && names && PyTuple_Size(names) == 1) return args[0];
  PyErr_SetString(PyExc_TypeError, "exactly one argument is expected");
  return NULL;
}

static bool none_given(Py_ssize_t count, PyObject *names) {
  if (!count && !names) return true;
  PyErr_SetString(PyExc_TypeError, "no argument is expected");
  return false;
}

CLIENT_METHOD(make_default) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  mona_status status = mona_client_set_default(as_client(self)->client);
  if (status == MONA_E_EXISTS) Py_RETURN_FALSE;
  if (status != MONA_OK) return done_or_raise(type, status);
  as_client(self)->is_default = true;
  Py_RETURN_TRUE;
}

CLIENT_METHOD(set_globals) {
  PyObject *text = only(args, count, names);
  if (!text) return NULL;
  const char *json = NULL;
  Py_ssize_t length = 0;
  if (text != Py_None) {
    json = PyUnicode_AsUTF8AndSize(text, &length);
    if (!json) {
      if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return NULL;
      PyErr_Clear();
      status_refuse("globals: they have a lone surrogate, text that UTF-8 can say is expected");
      return status_raise(PyType_GetModuleState(type), MONA_E_UTF8);
    }
  }
  mona_client *client = as_client(self)->client;
  mona_status status;
  /* The text is held by the caller. */
  CALL_FREELY(as_client(self)->waits, status = mona_client_set_globals(client, json, (size_t)length));
  status_from_library(status);
  return done_or_raise(type, status);
}

CLIENT_METHOD(set_disabled) {
  PyObject *given = only(args, count, names);
  int disabled = given ? PyObject_IsTrue(given) : -1;
  if (disabled < 0) return NULL;
  as_client(self)->host_disabled = disabled;
  mona_status status = mona_client_set_disabled(as_client(self)->client, disabled);
  status_from_library(status);
  return done_or_raise(type, status);
}

CLIENT_METHOD(is_disabled) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  button_look(as_client(self));
  int32_t disabled = 0;
  mona_status status = mona_client_is_disabled(as_client(self)->client, &disabled);
  if (status != MONA_OK) {
    status_from_library(status);
    return done_or_raise(type, status);
  }
  return PyBool_FromLong(disabled);
}

/** Milliseconds as libmona takes them; what does not fit becomes the nearest. False with an exception. */
static bool milliseconds(PyObject *given, uint32_t *timeout) {
  PyObject *number = given ? PyNumber_Long(given) : NULL;
  if (!number) return false;
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
  Py_DECREF(number);
  if (overflow < 0 || (!overflow && value < 0)) value = 0;
  if (overflow > 0 || value > UINT32_MAX) value = UINT32_MAX;
  *timeout = (uint32_t)value;
  return true;
}

CLIENT_METHOD(flush) {
  (void)type;
  uint32_t timeout;
  if (!milliseconds(only(args, count, names), &timeout)) return NULL;
  mona_client *client = as_client(self)->client;
  mona_status status;
  CALL_FREELY(true, status = mona_client_flush(client, timeout));
  status_from_library(status);
  return PyLong_FromLong(status);
}

CLIENT_METHOD(close_client) {
  (void)type;
  uint32_t timeout;
  if (!milliseconds(only(args, count, names), &timeout)) return NULL;
  mona_client *client = as_client(self)->client;
  mona_status status;
  CALL_FREELY(true, status = mona_client_close(client, timeout));
  status_from_library(status);
  return PyLong_FromLong(status);
}

CLIENT_METHOD(check) {
  /* Enough for every report: another try to have it whole would be another check. */
  enum { REPORT_BYTES = 65536 };
  uint32_t timeout;
  if (!milliseconds(only(args, count, names), &timeout)) return NULL;
  char *report = malloc(REPORT_BYTES);
  if (!report) return PyErr_NoMemory();
  mona_client *client = as_client(self)->client;
  size_t length = 0;
  mona_status status;
  report[0] = 0;
  CALL_FREELY(true, status = mona_client_check(client, timeout, report, REPORT_BYTES, &length));
  status_from_library(status);
  PyObject *text;
  if (status == MONA_E_ARGUMENT || !length) {
    text = status == MONA_OK ? PyUnicode_FromString("") : status_raise(PyType_GetModuleState(type), status);
  } else {
    text = PyUnicode_DecodeUTF8(report, (Py_ssize_t)strlen(report), "replace");
  }
  free(report);
  return text;
}

CLIENT_METHOD(stats) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  mona_stats stats;
  memset(&stats, 0, sizeof stats);
  stats.size = sizeof stats;
  mona_status status = mona_client_stats(as_client(self)->client, &stats);
  status_from_library(status);
  if (status != MONA_OK) return done_or_raise(type, status);
#define COUNTER(name) #name, (unsigned long long)stats.name
  return Py_BuildValue("{sKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsKsK}", COUNTER(accepted), COUNTER(delivered),
                       COUNTER(skipped_disabled), COUNTER(skipped_filtered), COUNTER(skipped_sampled),
                       COUNTER(dropped_queue_full), COUNTER(dropped_too_big), COUNTER(dropped_rejected),
                       COUNTER(dropped_spool), COUNTER(dropped_closed), COUNTER(queued_events), COUNTER(queued_bytes),
                       COUNTER(spooled_events), COUNTER(spooled_bytes), COUNTER(chunks_sent), COUNTER(chunks_acked),
                       COUNTER(chunks_resent), COUNTER(connections), COUNTER(connect_failures),
                       COUNTER(config_reloads), COUNTER(worker_panics), COUNTER(refused),
                       COUNTER(adopted_events));
#undef COUNTER
}

static mona_status read_stats(const void *of, char *buf, size_t cap, size_t *len) {
  return mona_client_stats_text(of, buf, cap, len);
}

CLIENT_METHOD(stats_text) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  return status_text_out(PyType_GetModuleState(type), read_stats, as_client(self)->client);
}

CLIENT_METHOD(describe) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  return status_text_out(PyType_GetModuleState(type), read_describe, as_client(self)->client);
}

/** A status that is no failure becomes an empty text, which no record is. */
static mona_status read_record(const void *of, char *buf, size_t cap, size_t *len) {
  mona_status status = mona_client_take((mona_client *)(uintptr_t)of, buf, cap, len);
  if (status != MONA_E_NOT_FOUND) return status;
  *len = 0;
  return MONA_OK;
}

CLIENT_METHOD(take) {
  (void)args;
  if (!none_given(count, names)) return NULL;
  PyObject *record = status_text_out(PyType_GetModuleState(type), read_record, as_client(self)->client);
  if (!record || PyUnicode_GetLength(record) > 0) return record;
  Py_DECREF(record);
  Py_RETURN_NONE;
}

static PyObject *get_waits(PyObject *self, void *nothing) {
  (void)nothing;
  return PyBool_FromLong(as_client(self)->waits);
}

#define FAST (METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef methods[] = {
    METHOD("make_default", make_default, FAST, "Makes it the process's client. False: another one was that before."),
    METHOD("set_globals", set_globals, FAST, "Sets the globals from one JSON object; None unsets them."),
    METHOD("set_disabled", set_disabled, FAST, "Switches the client off, or on again."),
    METHOD("is_disabled", is_disabled, FAST, "Whether anything switched the client off."),
    METHOD("flush", flush, FAST, "Waits until everything is delivered; gives a status. Releases the GIL."),
    METHOD("close", close_client, FAST, "Flushes and stops the client; gives a status. Releases the GIL."),
    METHOD("check", check, FAST, "Tries the way to the collector; gives the report as JSON. Releases the GIL."),
    METHOD("stats", stats, FAST, "The counters by their names."),
    METHOD("stats_text", stats_text, FAST, "The counters as one JSON object."),
    METHOD("describe", describe, FAST, "Every option, its value and where it came from, as one JSON object."),
    METHOD("take", take, FAST, "The oldest record of an endpoint memory: as JSON, or None."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"waits", get_waits, NULL, PyDoc_STR("Exports may wait: then they release the GIL."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Client(options): a client of libmona, from options by name.")},
    {Py_tp_new, (void *)client_new},
    {Py_tp_dealloc, (void *)client_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec client_spec = {
    .name = "mona._native.Client",
    .basicsize = sizeof(client_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
