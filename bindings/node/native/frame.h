/*
 * The frame: memory that the script and the addon share, one for each JavaScript thread.
 *
 * An export costs one call without arguments: lib/frame.js writes the values of the event here, the addon makes
 * mona_field[] of them and leaves the status. Every place has its name in lib/frame.js too, which compares the two
 * layouts when it is loaded. Pointers cross as float 64, which is exact for addresses below 2^53.
 */
#ifndef MONA_NODE_FRAME_H
#define MONA_NODE_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Fields of one event that go the quick way; most events have fewer than ten, larger ones go as JSON. */
#define FRAME_FIELDS 64
/* Behind the fields: the timestamp and the class of a move. */
#define FRAME_TIME FRAME_FIELDS
#define FRAME_CLASS (FRAME_FIELDS + 1)
#define FRAME_SLOTS (FRAME_FIELDS + 2)
/* Texts of one event that go the quick way; larger ones go as JSON. */
#define FRAME_TEXT 65536

/* What a value is: the MONA_FIELD_ numbers, and these. */
enum { SLOT_NONE = 0, SLOT_NUMBER = 8, SLOT_BAD_TEXT = 9 };

typedef struct {
  double stack;  /* in: the stack to use; 0 is the empty one */
  double client; /* in: the client to use; 0 is the default one */
  double to;     /* out: the stack that a move gave */
  uint64_t scope;
  int32_t status;
  int32_t taken;
  int32_t count;
  int32_t shape; /* the interned list of keys, or -1: each key stands in `text` before its value */
  double value[FRAME_SLOTS];
  int32_t kind[FRAME_SLOTS];
  int32_t length[FRAME_SLOTS];     /* of the texts, in bytes */
  int32_t key_length[FRAME_SLOTS]; /* with shape -1 */
  char text[FRAME_TEXT];           /* one behind the other: fields, timestamp, class */
} frame;

#endif
