/* Connections over OpenSSL, TLS 1.3 with the cipher that libmona would choose; both ends check what they agreed on. */
#ifndef MONA_BENCH_TLS_STREAM_H
#define MONA_BENCH_TLS_STREAM_H

#include "stream.h"

/* Makes certificates for both ends, and writes the authority's to a file for libmona. Before anything else here. */
void tls_prepare(const char *authority_file);

extern const struct connector tls;

#endif
