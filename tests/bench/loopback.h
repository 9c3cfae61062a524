/* A port on this machine, for collectors that hardly do anything. */
#ifndef MONA_BENCH_LOOPBACK_H
#define MONA_BENCH_LOOPBACK_H

#include "bench.h"

/* Room for an address such as 127.0.0.1:24224. */
enum { ADDRESS_ROOM = 32 };

/* A socket on a free port, and its address. With a backlog of 0 nobody listens there, and nobody else can. */
int loopback_socket(int backlog, char address[ADDRESS_ROOM]);

/* A connection to such an address, without delays that would gather bytes. */
int loopback_connect(const char *address);

/* The same for a connection that was accepted. */
int loopback_accept(int listener);

#endif
