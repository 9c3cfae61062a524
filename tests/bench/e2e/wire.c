/* Where messages and answers end. Knows just what libmona and its receivers write. */
#include "e2e.h"

#include <strings.h>

/* Bytes of the msgpack value at `at`, as far as frames need them: text, bytes, small numbers. */
static size_t value_len(const uint8_t *bytes, size_t len, size_t at, size_t *head)
{
    size_t width, n, i;
    *head = 1;
    if (at >= len) {
        return 0;
    }
    if (bytes[at] <= 0x7f) {
        return 1;
    }
    if (bytes[at] >= 0xa0 && bytes[at] <= 0xbf) {
        return 1 + (bytes[at] & 0x1f);
    }
    switch (bytes[at]) {
    case 0xc4: case 0xd9: case 0xcc: width = 1; break;
    case 0xc5: case 0xda: case 0xcd: width = 2; break;
    case 0xc6: case 0xdb: case 0xce: width = 4; break;
    default: EXPECT(!"a frame as libmona writes it");
    }
    if (bytes[at] >= 0xcc && bytes[at] <= 0xce) {
        return 1 + width;
    }
    *head = 1 + width;
    if (len - at < *head) {
        return 0;
    }
    for (n = 0, i = 1; i <= width; i++) {
        n = n << 8 | bytes[at + i];
    }
    return *head + n;
}

static size_t number(const uint8_t *bytes, size_t len)
{
    size_t n = 0, i;
    if (len == 1) {
        return bytes[0];
    }
    for (i = 1; i < len; i++) {
        n = n << 8 | bytes[i];
    }
    return n;
}

static size_t end_of_chunk(const uint8_t *bytes, size_t len, struct message *about)
{
    size_t at = 1, part, pairs, head, used;
    EXPECT(len == 0 || bytes[0] == 0x93);
    for (part = 0; part < 2; part++) {
        used = value_len(bytes, len, at, &head);
        if (used == 0 || used > len - at) {
            return 0;
        }
        if (about != NULL) {
            /* The records come after the tag. */
            about->records_at = at + head;
            about->records_len = used - head;
        }
        at += used;
    }
    if (at >= len) {
        return 0;
    }
    EXPECT(bytes[at] >= 0x80 && bytes[at] <= 0x8f);
    pairs = bytes[at++] & 0x0f;
    for (part = 0; part < pairs; part++) {
        size_t key = at, value, value_head;
        used = value_len(bytes, len, at, &head);
        if (used == 0 || (at += used) > len) {
            return 0;
        }
        value = at;
        used = value_len(bytes, len, at, &value_head);
        if (used == 0 || (at += used) > len) {
            return 0;
        }
        if (about != NULL && memcmp(bytes + key, "\xa5" "chunk", 6) == 0) {
            about->id_at = value + value_head;
            about->id_len = at - about->id_at;
        }
        if (about != NULL && memcmp(bytes + key, "\xa4" "size", 5) == 0) {
            about->events = number(bytes + value, at - value);
        }
    }
    return at;
}

/* The end of a request or a response with a Content-Length. */
static size_t end_of_http(const uint8_t *bytes, size_t len)
{
    static const char name[] = "content-length:";
    const uint8_t *head = memmem(bytes, len, "\r\n\r\n", 4);
    const uint8_t *line;
    size_t body = 0, head_len;
    if (head == NULL) {
        return 0;
    }
    head_len = (size_t)(head - bytes) + 4;
    for (line = bytes; (line = memmem(line, head_len - (size_t)(line - bytes), "\r\n", 2)) != NULL; line += 2) {
        if (strncasecmp((const char *)line + 2, name, sizeof name - 1) == 0) {
            body = strtoul((const char *)line + 1 + sizeof name, NULL, 10);
        }
    }
    return len >= head_len + body ? head_len + body : 0;
}

size_t end_of_message(enum protocol protocol, const uint8_t *bytes, size_t len, struct message *about)
{
    static const char last_key[] = "\"export_timestamp\":";
    size_t end;
    const uint8_t *at = bytes;
    if (protocol == FORWARD) {
        return end_of_chunk(bytes, len, about);
    }
    end = end_of_http(bytes, len);
    while (end > 0 && about != NULL
           && (at = memmem(at, end - (size_t)(at - bytes), last_key, sizeof last_key - 1)) != NULL) {
        about->events++;
        at++;
    }
    return end;
}

size_t end_of_answer(enum protocol protocol, const uint8_t *bytes, size_t len)
{
    if (protocol == HTTP) {
        EXPECT(len < 12 || memcmp(bytes, "HTTP/1.1 2", 10) == 0);
        return end_of_http(bytes, len);
    }
    EXPECT(len < 5 || memcmp(bytes, "\x81\xa3" "ack", 5) == 0);
    {
        size_t head, used = len > 5 ? value_len(bytes, len, 5, &head) : 0;
        return used > 0 && 5 + used <= len ? 5 + used : 0;
    }
}
