/*
 * The enters that are open in a stack, innermost first: lists that share their ends, as stacks share their contexts.
 *
 * Counted by owners and touched under the GIL alone.
 */

#include <stdlib.h>

#include "extension.h"

entered *entered_share(entered *innermost) {
  if (innermost) innermost->owners++;
  return innermost;
}

void entered_end(entered *innermost) {
  while (innermost && --innermost->owners == 0) {
    entered *below = innermost->below;
    free(innermost);
    innermost = below;
  }
}

entered *entered_push(entered *innermost, uint64_t scope, size_t id_len, bool is_main) {
  entered *pushed = malloc(sizeof *pushed);
  if (!pushed) return NULL;
  pushed->scope = scope;
  pushed->id_len = id_len;
  pushed->is_main = is_main;
  pushed->below = entered_share(innermost);
  pushed->owners = 1;
  return pushed;
}

bool entered_is_main(const entered *innermost, uint64_t scope) {
  for (; innermost; innermost = innermost->below)
    if (innermost->scope == scope) return innermost->is_main;
  return false;
}

entered *entered_leave(entered *innermost, uint64_t scope) {
  for (entered *at = innermost; at; at = at->below)
    if (at->scope == scope) return entered_share(at->below);
  return entered_share(innermost);
}

entered *entered_cut(entered *innermost, size_t id_len) {
  while (innermost && innermost->id_len > id_len) innermost = innermost->below;
  return entered_share(innermost);
}
