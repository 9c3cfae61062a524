/* Prints size, alignment and offsets of every struct of the interface, to be compared with a list. */
#include <mona.h>

#include <stdalign.h>
#include <stdio.h>

#define TYPE(type) printf(#type " %zu %zu\n", sizeof(type), alignof(type))
#define MEMBER(type, member) \
  printf(#type "." #member " %zu %zu\n", offsetof(type, member), sizeof(((type *)0)->member))

int main(void) {
  TYPE(mona_status);
  TYPE(mona_log_fn);

  TYPE(mona_text);
  MEMBER(mona_text, ptr);
  MEMBER(mona_text, len);

  TYPE(mona_value);
  MEMBER(mona_value, boolean);
  MEMBER(mona_value, i64);
  MEMBER(mona_value, u64);
  MEMBER(mona_value, f64);
  MEMBER(mona_value, f32);
  MEMBER(mona_value, text);

  TYPE(mona_field);
  MEMBER(mona_field, key);
  MEMBER(mona_field, key_len);
  MEMBER(mona_field, kind);
  MEMBER(mona_field, reserved);
  MEMBER(mona_field, value);

  TYPE(mona_stats);
  MEMBER(mona_stats, size);
  MEMBER(mona_stats, accepted);
  MEMBER(mona_stats, delivered);
  MEMBER(mona_stats, skipped_disabled);
  MEMBER(mona_stats, skipped_filtered);
  MEMBER(mona_stats, skipped_sampled);
  MEMBER(mona_stats, dropped_queue_full);
  MEMBER(mona_stats, dropped_too_big);
  MEMBER(mona_stats, dropped_rejected);
  MEMBER(mona_stats, dropped_spool);
  MEMBER(mona_stats, dropped_closed);
  MEMBER(mona_stats, queued_events);
  MEMBER(mona_stats, queued_bytes);
  MEMBER(mona_stats, spooled_events);
  MEMBER(mona_stats, spooled_bytes);
  MEMBER(mona_stats, chunks_sent);
  MEMBER(mona_stats, chunks_acked);
  MEMBER(mona_stats, chunks_resent);
  MEMBER(mona_stats, connections);
  MEMBER(mona_stats, connect_failures);
  MEMBER(mona_stats, config_reloads);
  MEMBER(mona_stats, worker_panics);
  MEMBER(mona_stats, refused);
  MEMBER(mona_stats, adopted_events);
  return 0;
}
