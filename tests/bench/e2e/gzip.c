/*
 * What sending with `compress=gzip` takes: CPU of the library's own threads per event, against a sender that
 * compresses the same records, packed already, with zlib at level 1 and sends them; and without compression.
 */
#include "e2e.h"

#include <zlib.h>

/* What zlib calls a gzip member rather than its own format. */
enum { GZIP_FORMAT = 16 + MAX_WBITS };

enum { OURS_GZIP, OURS_PLAIN, LOADS };

static const char *const COMPRESSED[] = { "compress", "gzip", NULL };

/* The chunk as it was captured, in which nothing is compressed. */
static const struct message *captured;
static z_stream compressor;

static void put(struct message *message, const void *bytes, size_t len)
{
    EXPECT(message->len + len <= MOST_MESSAGE);
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

/* Compresses the records of the captured chunk into `message`: [tag, records, {"compressed": "gzip", ...}]. */
static void compress_chunk(struct message *message)
{
    /* An array of three, the tag as it was, and the records as bytes with a length of four bytes. */
    enum { BYTES_32 = 0xc6, HEAD_32 = 5, PAIRS_AT_MOST = 0x8f };
    static const char option[] = "\xaa" "compressed" "\xa4" "gzip";
    const uint8_t *options = captured->bytes + captured->records_at + captured->records_len;
    size_t records_head = captured->records_at - HEAD_32, options_len, head_at, packed;
    uint8_t pairs;
    EXPECT(captured->bytes[records_head] == BYTES_32);
    options_len = (size_t)(captured->bytes + captured->len - options) - 1;
    pairs = (uint8_t)(options[0] + 1);
    EXPECT(pairs <= PAIRS_AT_MOST);
    message->len = 0;
    put(message, captured->bytes, captured->records_at);
    head_at = message->len;
    EXPECT(deflateReset(&compressor) == Z_OK);
    compressor.next_in = (Bytef *)(uintptr_t)(captured->bytes + captured->records_at);
    compressor.avail_in = (uInt)captured->records_len;
    compressor.next_out = message->bytes + head_at;
    compressor.avail_out = (uInt)(MOST_MESSAGE - head_at);
    EXPECT(deflate(&compressor, Z_FINISH) == Z_STREAM_END);
    packed = (size_t)(compressor.next_out - (message->bytes + head_at));
    message->bytes[head_at - 4] = (uint8_t)(packed >> 24);
    message->bytes[head_at - 3] = (uint8_t)(packed >> 16);
    message->bytes[head_at - 2] = (uint8_t)(packed >> 8);
    message->bytes[head_at - 1] = (uint8_t)packed;
    message->len += packed;
    put(message, &pairs, 1);
    put(message, option, sizeof option - 1);
    message->id_at = message->len + captured->id_at - (captured->records_at + captured->records_len + 1);
    put(message, options + 1, options_len);
}

static double bytes_per_event(const struct message *message)
{
    return (double)message->len / (double)message->events;
}

static void measure(const struct asked *asked, int rounds)
{
    static struct pair ours[LOADS][SENT];
    static struct rounds theirs;
    static struct message message;
    struct receiver to = start_sink(FORWARD, &plain, NULL);
    struct load loads[LOADS];
    double sent[SENT];
    int round, turn;
    load_make(&loads[OURS_GZIP], "tcp", &to, COMPARED_EVENTS, "0", "changing", COMPRESSED);
    load_make(&loads[OURS_PLAIN], "tcp", &to, COMPARED_EVENTS, "0", "changing", NULL);
    message.events = captured->events;
    message.id_len = captured->id_len;
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < LOADS; turn++) {
            pair_turn(asked, round, loads[turn].words, ours[turn], SENT);
        }
        send_packed(&to, &plain, &message, COMPARED_EVENTS / captured->events, compress_chunk, sent);
        rounds_add(&theirs, sent[CPU_PER_EVENT]);
    }
    stop(&to);
    print_pair("gzip.cpu_per_event.ns", "ns", &ours[OURS_GZIP][CPU_PER_EVENT]);
    print_pair("gzip.without.cpu_per_event.ns", "ns", &ours[OURS_PLAIN][CPU_PER_EVENT]);
    print_rounds("gzip.zlib.cpu_per_event.ns", "ns", &theirs);
    print_ratio("gzip.to_zlib.cpu.ratio", &ours[OURS_GZIP][CPU_PER_EVENT].ours, &theirs);
    print_once("gzip.zlib.bytes_per_event", "bytes", bytes_per_event(&message));
}

int main(int argc, char **argv)
{
    struct asked asked = ask(argc, argv);
    if (asked.turn != NULL) {
        load_take(&asked);
        return 0;
    }
    EXPECT(deflateInit2(&compressor, 1, Z_DEFLATED, GZIP_FORMAT, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY) == Z_OK);
    captured = capture(&asked, FORWARD, "changing", NULL);
    print_once("gzip.without.bytes_per_event", "bytes", bytes_per_event(captured));
    print_once("gzip.bytes_per_event", "bytes",
               bytes_per_event(capture(&asked, FORWARD, "changing", COMPRESSED)));
    measure(&asked, asked.quick ? 5 : 21);
    EXPECT(deflateEnd(&compressor) == Z_OK);
    return 0;
}
