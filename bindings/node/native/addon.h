/*
 * The addon: libmona for lib/, by Node-API alone, so that one build serves every version of Node.
 *
 * lib/ is the only caller and never hands handles out, so the pointers that come here are good: what a program can
 * get wrong is checked there. Every function may be called on any JavaScript thread; each has a state of its own.
 */
#ifndef MONA_NODE_ADDON_H
#define MONA_NODE_ADDON_H

#define NAPI_VERSION 8
#include <mona.h>
#include <node_api.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "frame.h"

/* Lists of keys that are kept; programs have as many as they have calls of export. */
#define SHAPES 1024

/** What belongs to one JavaScript thread. */
typedef struct {
  frame *shared;
  napi_ref shared_ref;
  mona_field *shapes[SHAPES];
  int32_t shape_fields[SHAPES];
  atomic_bool ending; /* the process ends: work that waits gives up */
} state;

state *state_of(napi_env env);

/** Field `slot` of the frame; `at` moves behind its texts. False where it does not fit, which lib/ rules out. */
bool slot_field(const frame *shared, int slot, bool has_key, size_t *at, mona_field *field);

/** The arguments of a call; what is missing is undefined. */
void arguments_of(napi_env env, napi_callback_info info, napi_value *arguments, size_t count);

/** A copy of a text in UTF-8 with its length, for free(); NULL where the value is no text or there is no memory. */
char *text_of(napi_env env, napi_value value, size_t *length);

napi_value text_value(napi_env env, const char *text, size_t length);
napi_value number_value(napi_env env, double number);
napi_value null_value(napi_env env);
uint32_t milliseconds_of(napi_env env, napi_value value);

mona_client *client_of(const state *own);

void register_send(napi_env env, napi_value exports);
void register_moves(napi_env env, napi_value exports);
void register_client(napi_env env, napi_value exports);
void register_work(napi_env env, napi_value exports);
void add_function(napi_env env, napi_value exports, const char *name, napi_callback function);

/* Clients that the program made and that no exit handler of libmona knows (open.c). */
typedef struct open_client open_client;
open_client *open_add(mona_client *client);
void open_wait(open_client *entry, uint32_t milliseconds);
void open_end(open_client *entry);

#endif
