/*
 * What a person can do about a step that failed: which options count there, and what to try.
 */
#ifndef HINTS_H
#define HINTS_H

#include <stdbool.h>

/* The kinds of endpoints that fail in different ways; each a bit. */
enum endpoint_kind {
    KIND_TCP = 1,
    KIND_TLS = 2,
    KIND_SERVICE_TCP = 4, /* srv+tcp:// */
    KIND_SERVICE_TLS = 8,
    KIND_UNIX = 16,
    KIND_HTTP = 32,
    KIND_OTLP = 64,
    KIND_REST = 128, /* Mona's own API */
    KIND_FILE = 256,
    KIND_OTHER = 512
};

/* Where the documents lie that hints name: below the folder of an installation, and in Debian. */
#define HINTS_DOCUMENTS "share/doc/mona/docs"
#define HINTS_DOCUMENTS_DEBIAN "/usr/share/doc/mona-tools"

/* The same as a sentence. */
extern const char hints_where[];

struct hint {
    const char *options; /* those that count */
    const char *advice;  /* a sentence or two */
};

/*
 * The kind of an endpoint by what it is called. `http_format` is the value of that option. A host and a port alone are
 * KIND_TCP.
 */
enum endpoint_kind hints_kind(const char *endpoint, const char *http_format);

/*
 * The hint for a step of an endpoint of this kind that failed, or NULL. `finding` is what the report calls what was
 * met, or the word of place.h for a path; "" where neither says anything.
 */
const struct hint *hints_find(enum endpoint_kind kind, const char *step, const char *finding);

/* Whether it names a document, so that a reader has to be told where they lie. */
bool hints_name_document(const struct hint *hint);

#endif
