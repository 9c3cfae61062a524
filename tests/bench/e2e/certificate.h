/* A collector's certificate and key for 127.0.0.1, and the authority that a client is to trust; made anew each time. */
#ifndef MONA_BENCH_CERTIFICATE_H
#define MONA_BENCH_CERTIFICATE_H

#include <openssl/x509.h>

struct certificate {
    X509 *authority, *server;
    EVP_PKEY *server_key;
};

struct certificate certificate_make(void);

#endif
