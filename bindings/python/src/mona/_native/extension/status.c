/*
 * Statuses: their numbers, sentences and the exception, and text that libmona writes into a buffer.
 *
 * last_error() is the sentence of whoever refused last on this thread: libmona, or the binding, which refuses what
 * never becomes a call.
 */

#include <stdlib.h>
#include <string.h>

#include "extension.h"

#define SENTENCE_MOST 1024

static _Thread_local char own_sentence[SENTENCE_MOST];
static _Thread_local bool own_is_last;

static const struct {
  const char *name;
  mona_status number;
} STATUSES[] = {
    {"OK", MONA_OK},
    {"ARGUMENT", MONA_E_ARGUMENT},
    {"UTF8", MONA_E_UTF8},
    {"JSON", MONA_E_JSON},
    {"NO_CONTEXT", MONA_E_NO_CONTEXT},
    {"PROTECTED", MONA_E_PROTECTED},
    {"NOT_FOUND", MONA_E_NOT_FOUND},
    {"LIMIT", MONA_E_LIMIT},
    {"DROPPED", MONA_E_DROPPED},
    {"TIMEOUT", MONA_E_TIMEOUT},
    {"CLOSED", MONA_E_CLOSED},
    {"IO", MONA_E_IO},
    {"TRUNCATED", MONA_E_TRUNCATED},
    {"EXISTS", MONA_E_EXISTS},
    {"BUSY", MONA_E_BUSY},
    {"THREAD", MONA_E_THREAD},
    {"PANIC", MONA_E_PANIC},
};

int status_add_constants(PyObject *module) {
  PyObject *all = PyDict_New();
  if (!all) return -1;
  for (size_t at = 0; at < sizeof STATUSES / sizeof *STATUSES; at++) {
    PyObject *number = PyLong_FromLong(STATUSES[at].number);
    int result = number ? PyDict_SetItemString(all, STATUSES[at].name, number) : -1;
    Py_XDECREF(number);
    if (result < 0 || PyModule_AddIntConstant(module, STATUSES[at].name, STATUSES[at].number) < 0) {
      Py_DECREF(all);
      return -1;
    }
  }
  int result = PyModule_AddObjectRef(module, "STATUS", all);
  Py_DECREF(all);
  return result;
}

void status_refuse(const char *sentence) {
  strncpy(own_sentence, sentence, SENTENCE_MOST - 1);
  own_is_last = true;
}

void status_from_library(mona_status status) {
  if (status != MONA_OK) own_is_last = false;
}

static mona_status read_last_error(const void *of, char *buf, size_t cap, size_t *len) {
  (void)of;
  return mona_last_error(buf, cap, len);
}

PyObject *status_detail(void) {
  /* A sentence may have been cut inside a character. */
  if (own_is_last) return PyUnicode_DecodeUTF8(own_sentence, (Py_ssize_t)strlen(own_sentence), "replace");
  return status_text_out(NULL, read_last_error, NULL);
}

PyObject *status_raise(module_state *state, mona_status status) {
  status_from_library(status);
  PyObject *detail = status_detail();
  if (!detail) return NULL;
  PyObject *raised = PyObject_CallFunction(state->error, "iO", (int)status, detail);
  Py_DECREF(detail);
  if (raised) PyErr_SetObject(state->error, raised);
  Py_XDECREF(raised);
  return NULL;
}

PyObject *status_text_out(module_state *state, text_reader read, const void *of) {
  char first[512];
  char *buf = first;
  size_t cap = sizeof first, len = 0;
  /* The length is asked for, as a text that is cut would be a failure to libmona, and stand in last_error(). */
  mona_status status = read(of, NULL, 0, &len);
  while (status == MONA_OK) {
    if (len >= cap) {
      if (buf != first) free(buf);
      cap = len + 1;
      buf = malloc(cap);
      if (!buf) return PyErr_NoMemory();
    }
    status = read(of, buf, cap, &len);
    if (status != MONA_E_TRUNCATED) break;
    /* It grew between two calls. */
    status = MONA_OK;
  }
  PyObject *text = NULL;
  if (status == MONA_OK) {
    text = PyUnicode_DecodeUTF8(buf, (Py_ssize_t)len, "replace");
  } else if (state) {
    status_raise(state, status);
  } else {
    text = PyUnicode_FromString("");
  }
  if (buf != first) free(buf);
  return text;
}

static PyObject *status_text(PyObject *module, PyObject *number) {
  (void)module;
  int overflow;
  long status = PyLong_AsLongAndOverflow(number, &overflow);
  if (status == -1 && PyErr_Occurred()) return NULL;
  /* Numbers nobody has a name for have a sentence too. */
  bool fits = !overflow && status >= INT32_MIN && status <= INT32_MAX;
  return PyUnicode_FromString(mona_status_text(fits ? (mona_status)status : INT32_MIN));
}

static PyObject *last_error(PyObject *module, PyObject *nothing) {
  (void)module;
  (void)nothing;
  return status_detail();
}

PyMethodDef status_methods[] = {
    METHOD("status_text", status_text, METH_O, "One sentence about a status number."),
    METHOD("last_error", last_error, METH_NOARGS, "The sentence of the last call that failed on this thread."),
    {NULL, NULL, 0, NULL},
};
