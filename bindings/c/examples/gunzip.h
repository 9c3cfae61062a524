/*
 * Decompression of gzip files (RFC 1952, RFC 1951) from memory to memory.
 *
 * Never writes beyond the given output, never reads beyond the given input, and believes nothing it reads:
 * damaged or truncated input gives an error sentence. Needs nothing but the C library.
 */
#ifndef GUNZIP_H
#define GUNZIP_H

#include <stddef.h>

/*
 * Decompresses all members of the gzip file in `packed` into `out`, and checks their length and CRC-32.
 *
 * Returns NULL on success and then writes the number of bytes to `*out_len`; otherwise a static sentence that
 * says what is wrong with the input. Data that does not fit in `out_cap` bytes is such an error.
 */
const char *gunzip(const unsigned char *packed, size_t packed_len, unsigned char *out, size_t out_cap,
                   size_t *out_len);

#endif
