#include "json.h"

#include <stdint.h>
#include <string.h>

enum {
    SURROGATES = 0xD800,     /* the first code unit of a pair, RFC 8259 section 7 */
    LOW_SURROGATES = 0xDC00, /* the second one */
    PAST_SURROGATES = 0xE000
};

/* Where a text goes. Once something did not fit, nothing more is added. */
struct sink {
    char *buf;
    size_t cap;
    size_t len;
    bool full;
};

static void fail(struct json *json, const char *error)
{
    if (json->error == NULL)
        json->error = error;
    json->at = json->end;
}

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static void put(struct sink *sink, char byte)
{
    if (sink->full)
        return;
    if (sink->len + 1 < sink->cap) {
        sink->buf[sink->len++] = byte;
        return;
    }
    sink->full = true;
    if (continues(byte)) {
        while (sink->len > 0 && continues(sink->buf[sink->len - 1]))
            sink->len--;
        if (sink->len > 0)
            sink->len--;
    }
}

static void put_code_point(struct sink *sink, uint32_t code)
{
    if (code < 0x80) {
        put(sink, (char)code);
    } else if (code < 0x800) {
        put(sink, (char)(0xC0 | code >> 6));
        put(sink, (char)(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        put(sink, (char)(0xE0 | code >> 12));
        put(sink, (char)(0x80 | (code >> 6 & 0x3F)));
        put(sink, (char)(0x80 | (code & 0x3F)));
    } else {
        put(sink, (char)(0xF0 | code >> 18));
        put(sink, (char)(0x80 | (code >> 12 & 0x3F)));
        put(sink, (char)(0x80 | (code >> 6 & 0x3F)));
        put(sink, (char)(0x80 | (code & 0x3F)));
    }
}

static void finish(struct sink *sink)
{
    if (sink->cap > 0)
        sink->buf[sink->len] = '\0';
}

/* The next character that is no blank, which stays; NUL at the end. */
static char peek(struct json *json)
{
    while (json->at < json->end && memchr(" \t\n\r", *json->at, 4) != NULL)
        json->at++;
    return json->at < json->end ? *json->at : '\0';
}

static bool take(struct json *json, char wanted, const char *error)
{
    if (json->error != NULL)
        return false;
    if (json->at == json->end || peek(json) != wanted) {
        fail(json, error);
        return false;
    }
    json->at++;
    return true;
}

static uint32_t take_hex4(struct json *json)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        const char *digit = NULL;
        if (json->at < json->end && *json->at != '\0')
            digit = strchr(digits, *json->at);
        if (digit == NULL) {
            fail(json, "four hexadecimal digits are expected after \\u");
            return 0;
        }
        value = value << 4 | (uint32_t)((digit - digits) & 15);
        json->at++;
    }
    return value;
}

/* What stands after \u: one code unit, or two that belong together. */
static uint32_t take_unicode(struct json *json)
{
    uint32_t code = take_hex4(json);
    if (code < SURROGATES || code >= PAST_SURROGATES)
        return code;
    if (code < LOW_SURROGATES && json->end - json->at >= 2 && json->at[0] == '\\' && json->at[1] == 'u') {
        json->at += 2;
        uint32_t low = take_hex4(json);
        if (low >= LOW_SURROGATES && low < PAST_SURROGATES)
            return 0x10000 + ((code - SURROGATES) << 10) + (low - LOW_SURROGATES);
    }
    fail(json, "a surrogate stands alone");
    return 0;
}

static void take_escape(struct json *json, struct sink *sink)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";

    if (json->at == json->end) {
        fail(json, "the text ends too early");
        return;
    }
    char name = *json->at++;
    const char *known = memchr(names, name, sizeof names - 1);
    if (known != NULL)
        put(sink, meanings[known - names]);
    else if (name == 'u')
        put_code_point(sink, take_unicode(json));
    else
        fail(json, "an unknown escape");
}

static void take_text(struct json *json, struct sink *sink)
{
    if (!take(json, '"', "a text is expected"))
        return;
    while (json->at < json->end) {
        char byte = *json->at++;
        if (byte == '"')
            return;
        if (byte == '\\')
            take_escape(json, sink);
        else
            put(sink, byte);
    }
    fail(json, "the text ends too early");
}

/* Takes a number, a word, or an object or array with all that is in it, as it is written. */
static void take_source(struct json *json, struct sink *sink)
{
    const char *start = json->at;
    size_t depth = 0;
    bool in_text = false;

    while (json->at < json->end) {
        char byte = *json->at;
        if (in_text) {
            if (byte == '\\' && json->end - json->at > 1)
                put(sink, *json->at++);
            in_text = byte != '"';
        } else if (byte == '"') {
            in_text = true;
        } else if (byte == '{' || byte == '[') {
            depth++;
        } else if (depth == 0 && memchr("}], \t\n\r", byte, 7) != NULL) {
            break;
        } else if (byte == '}' || byte == ']') {
            depth--;
        }
        put(sink, *json->at++);
        if (depth == 0 && (byte == '}' || byte == ']'))
            break;
    }
    if (json->at == start || depth > 0 || in_text)
        fail(json, "a value is expected");
}

void json_begin(struct json *json, const char *text, size_t len)
{
    *json = (struct json){.at = text, .end = text + len};
}

void json_enter(struct json *json, char bracket)
{
    if (take(json, bracket, bracket == '{' ? "an object is expected" : "an array is expected"))
        json->first = true;
}

bool json_more(struct json *json, char bracket)
{
    if (json->error != NULL)
        return false;
    bool first = json->first;
    json->first = false;
    if (peek(json) == bracket) {
        json->at++;
        return false;
    }
    if (!first)
        take(json, ',', "a comma or a closing bracket is expected");
    return json->error == NULL;
}

bool json_name(struct json *json, char *buf, size_t cap)
{
    struct sink sink = {.buf = buf, .cap = cap};
    take_text(json, &sink);
    finish(&sink);
    return take(json, ':', "a colon is expected");
}

void json_value(struct json *json, char *buf, size_t cap)
{
    struct sink sink = {.buf = buf, .cap = cap};
    if (peek(json) == '"')
        take_text(json, &sink);
    else if (json->error == NULL)
        take_source(json, &sink);
    finish(&sink);
    if (cap > 0 && sink.len == 4 && memcmp(buf, "null", 4) == 0 && json->at[-1] != '"')
        buf[0] = '\0';
}

bool json_ended(struct json *json)
{
    if (json->error == NULL && (peek(json) != '\0' || json->at != json->end))
        fail(json, "something follows the end");
    return json->error == NULL;
}

/* How many bytes the UTF-8 character at `at` has; 0 where there is none. */
static size_t character_length(const unsigned char *at)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3
        : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    }
    bool is_overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool is_surrogate = at[0] == 0xED && at[1] >= 0xA0;
    return is_overlong || is_surrogate || (at[0] == 0xF4 && at[1] >= 0x90) ? 0 : len;
}

void json_put_text(FILE *stream, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    fputc('"', stream);
    while (*at != '\0') {
        size_t len = character_length(at);
        if (len == 0)
            fputc('?', stream);
        else if (*at == '"' || *at == '\\')
            fprintf(stream, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(stream, "\\u%04x", *at);
        else
            fwrite(at, 1, len, stream);
        at += len > 0 ? len : 1;
    }
    fputc('"', stream);
}
