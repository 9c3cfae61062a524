/*
 * Stack: the contexts that are open, as a value; and CURRENT, where a task finds its own.
 */

#include <stdlib.h>

#include "extension.h"

int place_read(module_state *state, place *here) {
  here->object = NULL;
  here->owner = NULL;
  here->stack = NULL;
  here->waits = state->client && ((client_object *)state->client)->waits;
  here->depth = state->client ? ((client_object *)state->client)->depth : DEPTH_LARGEST;
  PyObject *found = PyObject_CallNoArgs(state->current_get);
  if (!found) return -1;
  if (found == Py_None) {
    Py_DECREF(found);
    if (state->client) {
      here->owner = Py_NewRef(state->client);
      here->stack = ((client_object *)here->owner)->outside;
    }
    return 0;
  }
  if (Py_TYPE(found) != state->stack_type) {
    Py_DECREF(found);
    PyErr_SetString(PyExc_TypeError, "CURRENT holds something else than a Stack or None");
    return -1;
  }
  here->object = found;
  here->stack = ((stack_object *)found)->stack;
  here->waits = ((stack_object *)found)->waits;
  here->depth = ((stack_object *)found)->depth;
  return 0;
}

void place_leave(place *here) {
  Py_XDECREF(here->object);
  Py_XDECREF(here->owner);
}

const mona_stack *place_from(const place *here) { return here->object ? here->stack : NULL; }

int place_move(module_state *state, const place *here, mona_stack *to) {
  if (!here->object && !to) return 0;
  PyObject *stack;
  if (to) {
    stack_object *made = PyObject_New(stack_object, state->stack_type);
    if (!made) {
      mona_stack_free(to);
      return -1;
    }
    made->stack = to;
    made->waits = here->waits;
    made->depth = here->depth;
    stack = (PyObject *)made;
  } else {
    stack = Py_NewRef(Py_None);
  }
  PyObject *token = PyObject_CallFunctionObjArgs(state->current_set, stack, NULL);
  Py_DECREF(stack);
  Py_XDECREF(token);
  return token ? 0 : -1;
}

PyObject *stack_id_text(const mona_stack *stack, size_t skip) {
  char first[256];
  char *id = first;
  size_t length = 0;
  mona_status status = mona_stack_id(stack, first, sizeof first, &length);
  if (status == MONA_E_TRUNCATED) {
    id = malloc(length + 1);
    if (!id) return PyErr_NoMemory();
    status = mona_stack_id(stack, id, length + 1, &length);
  }
  bool has_any = status == MONA_OK && length > skip;
  PyObject *text = PyUnicode_FromStringAndSize(has_any ? id + skip : "", has_any ? (Py_ssize_t)(length - skip) : 0);
  if (id != first) free(id);
  return text;
}

size_t stack_id_length(const mona_stack *stack) {
  size_t length = 0;
  return mona_stack_id(stack, NULL, 0, &length) == MONA_OK ? length : 0;
}

static PyObject *get_id(PyObject *self, void *nothing) {
  (void)nothing;
  return stack_id_text(((stack_object *)self)->stack, 0);
}

static PyObject *no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  (void)args;
  (void)kwargs;
  PyErr_SetString(PyExc_TypeError, "a stack is made by the moves alone");
  return NULL;
}

static void dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  mona_stack_free(((stack_object *)self)->stack);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyGetSetDef properties[] = {
    {"id", get_id, NULL, PyDoc_STR("The full id, \"\" where nothing is open."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("The contexts that are open, as a value that never changes.")},
    {Py_tp_new, (void *)no_new},
    {Py_tp_dealloc, (void *)dealloc},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec stack_spec = {
    .name = "mona._native.Stack",
    .basicsize = sizeof(stack_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
