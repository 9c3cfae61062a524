/*
 * Events of typed fields whose names come again and again: the library knows them by then and looks at little more
 * than it copies. Whatever changes about one field, the record is that of the equal JSON text, a byte that is no
 * UTF-8 is found, and nothing behind a text is read.
 */
#include "../common.h"

#include <sys/mman.h>

enum { LONGEST_KEY = 34, LONGEST_TEXT = 80, PAGE = 4096, RECORD = 1024, FIRST_TIMES = 40, TOGETHER = 100 };

/* One for fields and one for texts, so that neither pushes out what the other has taught. */
static mona_client *by_fields, *by_json;
static mona_context *fields_context, *json_context;
/* Pages without access lie behind these. */
static char *key_end, *text_end;
static int waiting;

static char *end_of_page(void)
{
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    CHECK(mprotect(pages + PAGE, PAGE, PROT_NONE) == 0);
    return pages + PAGE;
}

static void take_message(mona_client *client, char *message)
{
    char record[RECORD];
    const char *begin, *end;
    size_t len = 0;
    CHECK_OK(mona_client_take(client, record, sizeof record, &len));
    begin = strstr(record, "\"message\":");
    end = strstr(record, ",\"export_timestamp\"");
    CHECK(begin != NULL && end != NULL && end > begin);
    memcpy(message, begin, (size_t)(end - begin));
    message[end - begin] = '\0';
}

/* Every record of fields is the one of the equal text. */
static void compare(void)
{
    size_t len = 0;
    CHECK_OK(mona_client_flush(by_fields, 60000));
    CHECK_OK(mona_client_flush(by_json, 60000));
    for (; waiting > 0; waiting--) {
        char expected[RECORD], found[RECORD];
        take_message(by_json, expected);
        take_message(by_fields, found);
        if (strcmp(expected, found) != 0) {
            fprintf(stderr, "%s\n%s is expected\n", found, expected);
            _exit(1);
        }
    }
    CHECK_STATUS(MONA_E_NOT_FOUND, mona_client_take(by_fields, NULL, 0, &len));
}

/* Between two fields that stay as they are. */
static mona_status export_between(mona_field field)
{
    mona_field fields[] = { MONA_F64("first_of_three", 0.5), MONA_NULL("in between"), MONA_BOOL("last", 1) };
    fields[1] = field;
    return mona_context_export_fields(fields_context, fields, 3, MONA_NOW);
}

/* Exports a field and the text that is its equal; `value` is the JSON of its value. */
static void export_both(mona_field field, const char *value)
{
    char json[RECORD];
    snprintf(json, sizeof json, "{\"first_of_three\":0.5,\"%.*s\":%s,\"last\":true}", (int)field.key_len, field.key,
             value);
    CHECK_OK(mona_context_export(json_context, json, MONA_NTS, MONA_NOW));
    CHECK_OK(export_between(field));
    if (++waiting == TOGETHER) {
        compare();
    }
}

/* A key at the end of its page. */
static mona_field keyed(const char *key, size_t len)
{
    mona_field field = MONA_NULL("");
    memcpy(key_end - len, key, len);
    field.key = key_end - len;
    field.key_len = len;
    return field;
}

/* A text at the end of its page, with its length or with a NUL behind it. */
static mona_field with_text(mona_field field, const char *text, size_t len, int ends_at_nul)
{
    char *begin = text_end - len - (ends_at_nul ? 1 : 0);
    text_end[-1] = '\0';
    memcpy(begin, text, len);
    field.kind = MONA_FIELD_STR;
    field.value.text.ptr = begin;
    field.value.text.len = ends_at_nul ? MONA_NTS : len;
    return field;
}

static void check_text(const char *key, size_t key_len, size_t len)
{
    char text[LONGEST_TEXT + 1], json[LONGEST_TEXT + 3];
    int ends_at_nul;
    size_t i;
    for (ends_at_nul = 0; ends_at_nul < 2; ends_at_nul++) {
        for (i = 0; i < len; i++) {
            text[i] = (char)('!' + (i * 7 + len) % 90);
            text[i] = text[i] == '"' || text[i] == '\\' ? 'x' : text[i];
        }
        snprintf(json, sizeof json, "\"%.*s\"", (int)len, text);
        export_both(with_text(keyed(key, key_len), text, len, ends_at_nul), json);
        for (i = 0; i < len; i++) {
            char before = text[i];
            text[i] = '\x80';
            CHECK_STATUS(MONA_E_UTF8, export_between(with_text(keyed(key, key_len), text, len, ends_at_nul)));
            text[i] = before;
            if (i + 1 < len) {
                char behind = text[i + 1];
                memcpy(text + i, "\xc3\xa9", 2);
                snprintf(json, sizeof json, "\"%.*s\"", (int)len, text);
                export_both(with_text(keyed(key, key_len), text, len, ends_at_nul), json);
                text[i] = before;
                text[i + 1] = behind;
            }
        }
    }
}

static void check_numbers(const char *key, size_t key_len)
{
    static const int64_t numbers[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX,
                                       -1, -32, -33, -128, -129, -32768, -32769, INT64_MIN };
    static const char *const others[] = { "[1,{\"a\":null}]", "\"\\u0041\"", "null" };
    char json[64];
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        mona_field field = keyed(key, key_len);
        field.kind = MONA_FIELD_I64;
        field.value.i64 = numbers[i];
        snprintf(json, sizeof json, "%lld", (long long)numbers[i]);
        export_both(field, json);
        if (numbers[i] >= 0) {
            field.kind = MONA_FIELD_U64;
            export_both(field, json);
            field.kind = MONA_FIELD_F64;
            field.value.f64 = (double)(numbers[i] % 4096) / 8;
            snprintf(json, sizeof json, "%.4f", field.value.f64);
            export_both(field, json);
            field.kind = MONA_FIELD_F32;
            field.value.f32 = (float)(numbers[i] % 4096) / 10;
            snprintf(json, sizeof json, "%.1f", (double)field.value.f32);
            export_both(field, json);
        }
        field.kind = MONA_FIELD_BOOL;
        field.value.boolean = (int32_t)(numbers[i] & 0xffff0);
        export_both(field, field.value.boolean ? "true" : "false");
    }
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        mona_field field = keyed(key, key_len);
        field.kind = MONA_FIELD_JSON;
        field.value.text.ptr = others[i];
        field.value.text.len = strlen(others[i]);
        export_both(field, others[i]);
    }
    export_both(keyed(key, key_len), "null");
    /* So is text that is NULL, whatever the length says. */
    for (i = 0; i < 3; i++) {
        mona_field field = keyed(key, key_len);
        field.kind = i == 0 ? MONA_FIELD_JSON : MONA_FIELD_STR;
        field.value.text.ptr = NULL;
        field.value.text.len = i == 0 ? 0 : i == 1 ? 4 : MONA_NTS;
        export_both(field, "null");
    }
}

/* What is wrong with a field is found, whatever else is known of it. */
static void check_wrong(const char *key, size_t key_len)
{
    mona_field field = with_text(keyed(key, key_len), "text", 4, 0);
    field.reserved = 1;
    CHECK_STATUS(MONA_E_ARGUMENT, export_between(field));
    field.reserved = 0;
    field.kind = MONA_FIELD_F32 + 1;
    CHECK_STATUS(MONA_E_ARGUMENT, export_between(field));
    field.kind = MONA_FIELD_STR;
    field.value.text.len = MONA_NTS - 1;
    CHECK_STATUS(MONA_E_ARGUMENT, export_between(field));
    field.value.text.len = 3;
    field.key = NULL;
    CHECK_STATUS(MONA_E_ARGUMENT, export_between(field));
}

/* A name of the same length that differs in one byte is another name; one that is no text is found. */
static void check_other_names(const char *key, size_t key_len)
{
    char other[LONGEST_KEY];
    size_t i;
    for (i = 0; i < key_len; i++) {
        memcpy(other, key, key_len);
        other[i] = '#';
        export_both(keyed(other, key_len), "null");
        other[i] = '\xff';
        CHECK_STATUS(MONA_E_UTF8, export_between(keyed(other, key_len)));
        export_both(with_text(keyed(key, key_len), "known", 5, 0), "\"known\"");
    }
}

/* New clients know nothing, and are taught a name. */
static void begin(const char *key, size_t key_len)
{
    int i;
    by_fields = new_client(NULL, NULL);
    by_json = new_client(NULL, NULL);
    CHECK_OK(mona_context_new(by_fields, NULL, 0, "m", MONA_NTS, MONA_NOW, &fields_context));
    CHECK_OK(mona_context_new(by_json, NULL, 0, "m", MONA_NTS, MONA_NOW, &json_context));
    for (i = 0; i < FIRST_TIMES; i++) {
        export_both(with_text(keyed(key, key_len), "known", 5, 0), "\"known\"");
    }
}

static void end(void)
{
    compare();
    CHECK_OK(mona_client_close(by_fields, 60000));
    CHECK_OK(mona_client_close(by_json, 60000));
    mona_context_free(fields_context);
    mona_context_free(json_context);
    mona_client_free(by_fields);
    mona_client_free(by_json);
}

int main(void)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyz_0123456";
    static const size_t keys_of_texts[] = { 5, 23 };
    size_t key_len, i, len;

    key_end = end_of_page();
    text_end = end_of_page();
    for (key_len = 1; key_len <= LONGEST_KEY; key_len++) {
        begin(names, key_len);
        check_numbers(names, key_len);
        check_wrong(names, key_len);
        check_other_names(names, key_len);
        end();
    }
    for (i = 0; i < sizeof keys_of_texts / sizeof *keys_of_texts; i++) {
        begin(names, keys_of_texts[i]);
        for (len = 0; len <= LONGEST_TEXT; len++) {
            check_text(names, keys_of_texts[i], len);
        }
        end();
    }
    puts("ok");
    return 0;
}
