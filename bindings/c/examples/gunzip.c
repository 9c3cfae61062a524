#include "gunzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    CODE_BITS = 15,       /* longest code of DEFLATE, RFC 1951 section 3.2.7 */
    LITERAL_CODES = 288,  /* 256 bytes, end of block, 29 lengths, 2 reserved */
    DISTANCE_CODES = 32,  /* 30 distances, 2 reserved */
    LENGTH_CODES = 19,    /* codes that describe the other two code tables */
    LENGTHS = 29,         /* RFC 1951 section 3.2.5, as the next */
    DISTANCES = 30,
    END_OF_BLOCK = 256,
    HEADER_BYTES = 10,    /* fixed part of a member's header, RFC 1952 section 2.3 */
    TRAILER_BYTES = 8     /* CRC-32 and length */
};

/* The first error wins: everything that follows it is a consequence. */
struct inflater {
    const unsigned char *in;
    const unsigned char *in_end;
    uint32_t bits; /* read from the input, not used yet; the next one is the lowest */
    unsigned bit_count;
    unsigned char *out;
    size_t out_len;
    size_t out_cap;
    const char *error;
};

/* A canonical Huffman code: how many codes have each length, and the symbols in the order of their codes. */
struct huffman {
    uint16_t count[CODE_BITS + 1];
    uint16_t symbol[LITERAL_CODES];
};

static void fail(struct inflater *z, const char *error)
{
    if (z->error == NULL)
        z->error = error;
}

/* The next `n` bits (at most 16) as a number; 0 after the end of the input, which is an error. */
static unsigned take_bits(struct inflater *z, unsigned n)
{
    while (z->bit_count < n) {
        if (z->in == z->in_end) {
            fail(z, "the gzip input ends too early");
            return 0;
        }
        z->bits |= (uint32_t)*z->in++ << z->bit_count;
        z->bit_count += 8;
    }
    unsigned value = z->bits & ((1u << n) - 1);
    z->bits >>= n;
    z->bit_count -= n;
    return value;
}

static void put_byte(struct inflater *z, unsigned char byte)
{
    if (z->out_len == z->out_cap)
        fail(z, "the decompressed text is larger than the output");
    else
        z->out[z->out_len++] = byte;
}

/* Builds the code from the code length of every symbol; 0 is a symbol that is not used. */
static void huffman_build(struct inflater *z, struct huffman *code, const unsigned char *lengths, unsigned symbols)
{
    uint16_t next[CODE_BITS + 1];
    unsigned used = 0;
    long room = 1;

    memset(code, 0, sizeof *code);
    for (unsigned s = 0; s < symbols; s++)
        code->count[lengths[s]]++;
    code->count[0] = 0;

    next[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS; bits++) {
        next[bits] = (uint16_t)used;
        used += code->count[bits];
        room = room * 2 - code->count[bits];
        if (room < 0) {
            fail(z, "a code table of the gzip input is impossible");
            return;
        }
    }
    /* RFC 1951 allows an unfinished code only where a single distance, or none, is in use. */
    if (room > 0 && used > 1)
        fail(z, "a code table of the gzip input is unfinished");

    for (unsigned s = 0; s < symbols; s++)
        if (lengths[s] != 0)
            code->symbol[next[lengths[s]]++] = (uint16_t)s;
}

/* Codes of one length are consecutive numbers, so counting down the lengths finds the symbol. */
static unsigned take_symbol(struct inflater *z, const struct huffman *code)
{
    unsigned value = 0, first = 0, index = 0;

    for (unsigned bits = 1; bits <= CODE_BITS; bits++) {
        value |= take_bits(z, 1);
        unsigned count = code->count[bits];
        if (value - first < count)
            return code->symbol[index + (value - first)];
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    fail(z, "the gzip input has a code that stands for nothing");
    return END_OF_BLOCK;
}

static void copy_match(struct inflater *z, size_t distance, size_t length)
{
    if (distance > z->out_len) {
        fail(z, "the gzip input refers to text before its start");
        return;
    }
    while (length-- > 0 && z->error == NULL)
        put_byte(z, z->out[z->out_len - distance]);
}

/* RFC 1951 section 3.2.5: symbols above 256 are lengths, each followed by a distance. */
static void inflate_codes(struct inflater *z, const struct huffman *literals, const struct huffman *distances)
{
    static const uint16_t length_base[LENGTHS] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                  31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t length_bits[LENGTHS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t distance_base[DISTANCES] = {
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

    while (z->error == NULL) {
        unsigned symbol = take_symbol(z, literals);
        if (symbol == END_OF_BLOCK)
            return;
        if (symbol < END_OF_BLOCK) {
            put_byte(z, (unsigned char)symbol);
            continue;
        }
        symbol -= END_OF_BLOCK + 1;
        if (symbol >= LENGTHS) {
            fail(z, "the gzip input has a length that does not exist");
            return;
        }
        size_t length = length_base[symbol] + take_bits(z, length_bits[symbol]);
        symbol = take_symbol(z, distances);
        if (symbol >= DISTANCES) {
            fail(z, "the gzip input has a distance that does not exist");
            return;
        }
        /* Distances come in pairs with one more extra bit than the pair before. */
        size_t distance = distance_base[symbol] + take_bits(z, symbol < 4 ? 0 : symbol / 2 - 1);
        copy_match(z, distance, length);
    }
}

static void inflate_stored(struct inflater *z)
{
    (void)take_bits(z, z->bit_count % 8);
    unsigned length = take_bits(z, 16);
    unsigned inverse = take_bits(z, 16);
    if (length != (~inverse & 0xffff))
        fail(z, "a stored block of the gzip input is damaged");
    while (length-- > 0 && z->error == NULL)
        put_byte(z, (unsigned char)take_bits(z, 8));
}

static void inflate_fixed(struct inflater *z)
{
    unsigned char lengths[LITERAL_CODES];
    struct huffman literals, distances;

    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    memset(lengths + 280, 8, LITERAL_CODES - 280);
    huffman_build(z, &literals, lengths, LITERAL_CODES);
    memset(lengths, 5, DISTANCE_CODES);
    huffman_build(z, &distances, lengths, DISTANCE_CODES);
    inflate_codes(z, &literals, &distances);
}

/* RFC 1951 section 3.2.7: code lengths, themselves coded, with symbols for repetition. */
static void take_lengths(struct inflater *z, unsigned char *lengths, unsigned wanted)
{
    static const uint8_t order[LENGTH_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned char own[LENGTH_CODES] = {0};
    struct huffman code;
    unsigned described = take_bits(z, 4) + 4;

    for (unsigned i = 0; i < described; i++)
        own[order[i]] = (unsigned char)take_bits(z, 3);
    huffman_build(z, &code, own, LENGTH_CODES);

    for (unsigned filled = 0; filled < wanted && z->error == NULL;) {
        unsigned symbol = take_symbol(z, &code);
        unsigned char length = 0;
        unsigned repeat = 1;

        if (symbol < 16) {
            length = (unsigned char)symbol;
        } else if (symbol == 16) {
            if (filled == 0) {
                fail(z, "a code table of the gzip input repeats nothing");
                return;
            }
            length = lengths[filled - 1];
            repeat = 3 + take_bits(z, 2);
        } else if (symbol == 17) {
            repeat = 3 + take_bits(z, 3);
        } else {
            repeat = 11 + take_bits(z, 7);
        }
        if (repeat > wanted - filled) {
            fail(z, "a code table of the gzip input is too long");
            return;
        }
        memset(lengths + filled, length, repeat);
        filled += repeat;
    }
}

static void inflate_dynamic(struct inflater *z)
{
    unsigned char lengths[LITERAL_CODES + DISTANCE_CODES] = {0};
    struct huffman literals, distances;
    unsigned literal_count = take_bits(z, 5) + 257;
    unsigned distance_count = take_bits(z, 5) + 1;

    /* The counts can name up to 288 and 32 codes; the tables have room for that many. */
    take_lengths(z, lengths, literal_count + distance_count);
    huffman_build(z, &literals, lengths, literal_count);
    huffman_build(z, &distances, lengths + literal_count, distance_count);
    inflate_codes(z, &literals, &distances);
}

static void inflate(struct inflater *z)
{
    bool last = false;

    while (!last && z->error == NULL) {
        last = take_bits(z, 1) != 0;
        switch (take_bits(z, 2)) {
        case 0:
            inflate_stored(z);
            break;
        case 1:
            inflate_fixed(z);
            break;
        case 2:
            inflate_dynamic(z);
            break;
        default:
            fail(z, "a block of the gzip input has an unknown kind");
        }
    }
    /* Whole bytes never wait here: at most seven bits, the padding of the last byte, are dropped. */
    z->bits = 0;
    z->bit_count = 0;
}

static uint32_t crc32(const unsigned char *bytes, size_t len)
{
    uint32_t crc = 0xffffffffu;

    while (len-- > 0) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static uint32_t little_endian(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void skip_bytes(struct inflater *z, size_t n)
{
    if ((size_t)(z->in_end - z->in) < n) {
        fail(z, "the gzip input ends too early");
        z->in = z->in_end;
    } else {
        z->in += n;
    }
}

static void skip_text(struct inflater *z)
{
    const unsigned char *nul = memchr(z->in, 0, (size_t)(z->in_end - z->in));
    skip_bytes(z, nul == NULL ? SIZE_MAX : (size_t)(nul - z->in) + 1);
}

static void skip_header(struct inflater *z)
{
    enum { HEADER_CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16, RESERVED = 0xe0 };
    const unsigned char *header = z->in;

    skip_bytes(z, HEADER_BYTES);
    if (z->error != NULL)
        return;
    if (header[0] != 0x1f || header[1] != 0x8b || header[2] != 8 || (header[3] & RESERVED) != 0) {
        fail(z, "the input is not a gzip file");
        return;
    }
    if (header[3] & EXTRA)
        skip_bytes(z, take_bits(z, 16));
    if (header[3] & NAME)
        skip_text(z);
    if (header[3] & COMMENT)
        skip_text(z);
    if (header[3] & HEADER_CRC) {
        const unsigned char *sum = z->in;
        skip_bytes(z, 2);
        if (z->error == NULL && (crc32(header, (size_t)(sum - header)) & 0xffff) != (sum[0] | (uint32_t)sum[1] << 8))
            fail(z, "the gzip header does not match its CRC");
    }
}

static void inflate_member(struct inflater *z)
{
    size_t start = z->out_len;

    skip_header(z);
    inflate(z);

    const unsigned char *trailer = z->in;
    skip_bytes(z, TRAILER_BYTES);
    if (z->error != NULL)
        return;
    if (little_endian(trailer) != crc32(z->out + start, z->out_len - start))
        fail(z, "the decompressed text does not match its CRC-32");
    if (little_endian(trailer + 4) != (uint32_t)(z->out_len - start))
        fail(z, "the decompressed text does not have the length it was packed with");
}

const char *gunzip(const unsigned char *packed, size_t packed_len, unsigned char *out, size_t out_cap,
                   size_t *out_len)
{
    struct inflater z = {.in = packed, .in_end = packed + packed_len, .out = out, .out_cap = out_cap};

    do {
        inflate_member(&z);
    } while (z.error == NULL && z.in != z.in_end);

    if (z.error == NULL)
        *out_len = z.out_len;
    return z.error;
}
