/*
 * Sends what waits in a spool: makes a client there, which adopts what nobody owns any more, and looks on.
 */
#ifndef DRAIN_H
#define DRAIN_H

#include <mona.h>

#include <stdint.h>

/* How long an attempt goes on while nothing is delivered, where the person does not say. */
enum {
    DRAIN_PATIENCE_MS = 60000 /* a collector that is being restarted is there again */
};

/*
 * Sends what ended instances left in `dir` to `endpoint` with `options`, which are changed. Gives up when nothing was
 * delivered for so long, and at SIGINT, SIGTERM and SIGHUP. Returns an exit status.
 */
int drain(const char *dir, const char *endpoint, mona_options *options, uint32_t patience_ms);

#endif
