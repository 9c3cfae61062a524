#include "event.h"

#include <stdarg.h>

static const char *const typical_fields[TYPICAL_FIELD_COUNT] = {
    "\"model\":\"resnet50-v3\"", "\"confidence\":0.9731", "\"latency_ms\":12.5", "\"label\":\"cat\"",
    "\"batch\":32",              "\"country\":\"IL\"",    "\"is_mobile\":true",
};

void typical_json_make(char json[TYPICAL_LEN + 1], int last)
{
    size_t len = 0;
    int n;
    EXPECT(last >= 0 && last < TYPICAL_FIELD_COUNT);
    for (n = 0; n <= TYPICAL_FIELD_COUNT; n++) {
        if (n != last) {
            const char *field = typical_fields[n < TYPICAL_FIELD_COUNT ? n : last];
            int added = snprintf(json + len, TYPICAL_LEN + 1 - len, "%c%s", len == 0 ? '{' : ',', field);
            EXPECT(added > 0 && len + (size_t)added < TYPICAL_LEN);
            len += (size_t)added;
        }
    }
    json[len] = '}';
    json[len + 1] = '\0';
    EXPECT(len + 1 == TYPICAL_LEN);
}

static void append(struct large_event *event, const char *format, ...)
{
    va_list values;
    int added;
    va_start(values, format);
    added = vsnprintf(event->json + event->json_len, LARGE_ROOM - event->json_len, format, values);
    va_end(values);
    EXPECT(added > 0 && event->json_len + (size_t)added < LARGE_ROOM);
    event->json_len += (size_t)added;
}

/* Numbers as features have them, whole numbers, texts and truth values, mixed as in a wide event. */
static void make_field(struct large_event *event, int n)
{
    char *key = event->keys[n], *text = event->texts[n];
    mona_field field;
    memset(&field, 0, sizeof field);
    switch (n % 6) {
    case 0:
    case 3:
        snprintf(key, sizeof event->keys[n], "embedding_component_%02d", n);
        snprintf(text, sizeof event->texts[n], "%.8f", 0.12345678 + 0.0137 * n);
        field.kind = MONA_FIELD_F64;
        field.value.f64 = strtod(text, NULL);
        append(event, "\"%s\":%s", key, text);
        break;
    case 1:
    case 4:
        snprintf(key, sizeof event->keys[n], "segment_name_%02d", n);
        snprintf(text, sizeof event->texts[n], "eu-west region %02d, returning buyers", n);
        field.kind = MONA_FIELD_STR;
        field.value.text.ptr = text;
        field.value.text.len = strlen(text);
        append(event, "\"%s\":\"%s\"", key, text);
        break;
    case 2:
        snprintf(key, sizeof event->keys[n], "items_seen_%02d", n);
        field.kind = MONA_FIELD_I64;
        field.value.i64 = 1000003 * (n + 1);
        append(event, "\"%s\":%lld", key, (long long)field.value.i64);
        break;
    default:
        snprintf(key, sizeof event->keys[n], "has_consent_%02d", n);
        field.kind = MONA_FIELD_BOOL;
        field.value.boolean = n % 4 == 1;
        append(event, "\"%s\":%s", key, field.value.boolean ? "true" : "false");
        break;
    }
    field.key = key;
    field.key_len = strlen(key);
    event->fields[n] = field;
}

void large_event_make(struct large_event *event)
{
    int n;
    event->json_len = 0;
    append(event, "{");
    for (n = 0; n < LARGE_FIELDS; n++) {
        if (n > 0) {
            append(event, ",");
        }
        make_field(event, n);
    }
    append(event, "}");
}
