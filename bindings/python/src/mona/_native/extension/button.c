/*
 * MONA_DISABLE_ALL, read at each call as the older client does.
 *
 * libmona looks at the variable whenever a main context is opened. So where it changed, one is opened for libmona to
 * look, while the client is switched off for it: nothing is sent, and what the host said by set_disabled() stays.
 */

#include <stdlib.h>
#include <strings.h>

#include "extension.h"

bool button_is_pressed(void) {
  const char *text = getenv("MONA_DISABLE_ALL");
  if (!text || !*text) return false;
  static const char *const RELEASED[] = {"0", "false", "no", "off"};
  for (size_t at = 0; at < sizeof RELEASED / sizeof *RELEASED; at++)
    if (strcasecmp(text, RELEASED[at]) == 0) return false;
  return true;
}

static void follow(client_object *client, bool is_pressed) {
  client->seen_pressed = is_pressed;
  mona_context *context = NULL;
  mona_status status = MONA_OK;
  if (!is_pressed) status = mona_client_set_disabled(client->client, 1);
  if (status == MONA_OK) {
    status = mona_context_new(client->client, NULL, 0, "look", 4, MONA_NOW, &context);
    mona_context_free(context);
  }
  if (!is_pressed) status = mona_client_set_disabled(client->client, client->host_disabled);
  status_from_library(status);
}

void button_look(client_object *client) {
  bool is_pressed = button_is_pressed();
  if (is_pressed != client->seen_pressed) follow(client, is_pressed);
}
