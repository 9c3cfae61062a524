/*
 * The peer: sends a message that libmona made once, again and again, and does nothing else. Forward with
 * libmona's window and a new id for each chunk, HTTP one request after the other on one connection.
 */
#include "e2e.h"

#include <sys/mman.h>

/* Chunks on their way at once, as in libmona. */
enum { WINDOW = 4 };

struct message *capture(const struct asked *asked, enum protocol protocol, const char *values,
                        const char *const *options_or_null)
{
    struct message *largest =
        mmap(NULL, sizeof *largest, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct receiver sink;
    struct apart apart;
    struct load load;
    double sent[SENT];
    EXPECT(largest != MAP_FAILED);
    sink = start_sink(protocol, &plain, largest);
    /* Enough for a full chunk. */
    load_make(&load, protocol == FORWARD ? "tcp" : "http", &sink, 5000, "0", values,
              options_or_null);
    apart = apart_start(asked, OURS, load.words);
    apart_await(&apart, sent, SENT);
    stop(&sink);
    EXPECT(largest->len > 0 && largest->events > 1000);
    return largest;
}

struct answers {
    uint8_t bytes[4096];
    size_t held;
};

static void await_answer(const struct stream *stream, enum protocol protocol, struct answers *answers)
{
    size_t end;
    while ((end = end_of_answer(protocol, answers->bytes, answers->held)) == 0) {
        size_t got =
            stream->receive(stream->of, answers->bytes + answers->held, sizeof answers->bytes - answers->held);
        EXPECT(got > 0);
        answers->held += got;
    }
    answers->held -= end;
    memmove(answers->bytes, answers->bytes + end, answers->held);
}

/* Each chunk has an id that none before it had. */
static void name_anew(struct message *message)
{
    static uint64_t next_id = 1;
    char id[32];
    snprintf(id, sizeof id, "%024llx", (unsigned long long)next_id++);
    EXPECT(message->id_len <= 24);
    memcpy(message->bytes + message->id_at, id, message->id_len);
}

void send_packed(const struct receiver *to, const struct connector *connector, struct message *message,
                 size_t chunks, void (*make_or_null)(struct message *message), double sent[SENT])
{
    size_t window = to->protocol == FORWARD ? WINDOW : 1, n, answered = 0;
    struct answers answers = { .held = 0 };
    double start = now_ns(), start_cpu = cpu_of_this_thread(), events;
    struct stream stream = connector->connect(to->address);
    for (n = 0; n < chunks; n++) {
        if (make_or_null != NULL) {
            make_or_null(message);
        }
        if (to->protocol == FORWARD) {
            name_anew(message);
        }
        stream.send(stream.of, message->bytes, message->len);
        for (; n + 1 - answered >= window; answered++) {
            await_answer(&stream, to->protocol, &answers);
        }
    }
    for (; answered < chunks; answered++) {
        await_answer(&stream, to->protocol, &answers);
    }
    events = (double)chunks * (double)message->events;
    sent[CPU_PER_EVENT] = (cpu_of_this_thread() - start_cpu) / events;
    sent[RATE] = events / (now_ns() - start) * 1e9;
    stream.close(stream.of);
}
