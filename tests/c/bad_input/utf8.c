/* Bytes that are not UTF-8, in every text that the interface takes: MONA_E_UTF8, and nothing is sent. */
#include "../common.h"

static const char *const wrong[] = {
    "\xff", "\x80", "\xc3", "a\xc3(", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "ok\xfe",
};

static void check_text(mona_client *client, const mona_context *context, const char *text)
{
    mona_options *options = mona_options_new();
    mona_context *made = NULL;
    mona_field field;
    uint64_t scope = 0;
    size_t accepted = 0;
    char json[64];

    CHECK_STATUS(MONA_E_UTF8, mona_options_set(options, text, MONA_NTS, "x", MONA_NTS));
    CHECK_STATUS(MONA_E_UTF8, mona_options_set(options, "user_id", MONA_NTS, text, MONA_NTS));
    mona_options_free(options);

    snprintf(json, sizeof json, "{\"a\": \"%s\"}", text);
    CHECK_STATUS(MONA_E_UTF8, mona_client_set_globals(client, json, MONA_NTS));
    CHECK_STATUS(MONA_E_UTF8, mona_context_export(context, json, MONA_NTS, MONA_NOW));
    CHECK_STATUS(MONA_E_UTF8, mona_current_export(json, MONA_NTS, MONA_NOW));
    snprintf(json, sizeof json, "{\"%s\": 1}", text);
    CHECK_STATUS(MONA_E_UTF8, mona_context_export(context, json, MONA_NTS, MONA_NOW));
    snprintf(json, sizeof json, "[{\"message\": {\"a\": \"%s\"}}]", text);
    CHECK_STATUS(MONA_E_UTF8, mona_client_export_batch(client, json, MONA_NTS, &accepted));
    CHECK_STATUS(MONA_E_UTF8, mona_current_export_batch(json, MONA_NTS, &accepted));

    CHECK_STATUS(MONA_E_UTF8, mona_context_new(client, text, MONA_NTS, NULL, 0, MONA_NOW, &made));
    CHECK_STATUS(MONA_E_UTF8, mona_context_new(client, NULL, 0, text, MONA_NTS, MONA_NOW, &made));
    CHECK_STATUS(MONA_E_UTF8, mona_context_new_sub(context, text, MONA_NTS, NULL, 0, &made));
    CHECK_STATUS(MONA_E_UTF8, mona_context_new_sub(context, NULL, 0, text, MONA_NTS, &made));
    CHECK(made == NULL);

    CHECK_STATUS(MONA_E_UTF8, mona_current_enter(text, MONA_NTS, NULL, 0, MONA_NOW, &scope));
    CHECK_OK(mona_current_leave(scope));
    CHECK_STATUS(MONA_E_UTF8, mona_current_enter(NULL, 0, text, MONA_NTS, MONA_NOW, &scope));
    CHECK_OK(mona_current_leave(scope));
    CHECK_STATUS(MONA_E_UTF8, mona_current_enter_sub(text, MONA_NTS, NULL, 0, &scope));
    CHECK_OK(mona_current_leave(scope));
    CHECK_STATUS(MONA_E_UTF8, mona_current_enter_sub(NULL, 0, text, MONA_NTS, &scope));
    CHECK_OK(mona_current_leave(scope));
    CHECK_STATUS(MONA_E_UTF8, mona_current_open(text, MONA_NTS, NULL, 0, MONA_NOW));
    CHECK_STATUS(MONA_E_UTF8, mona_current_open(NULL, 0, text, MONA_NTS, MONA_NOW));
    CHECK_STATUS(MONA_E_UTF8, mona_current_open_sub(text, MONA_NTS, NULL, 0));
    CHECK_STATUS(MONA_E_UTF8, mona_current_open_sub(NULL, 0, text, MONA_NTS));
    CHECK_STATUS(MONA_E_UTF8, mona_current_close_sub(text, MONA_NTS));

    memset(&field, 0, sizeof field);
    field.key = text;
    field.key_len = MONA_NTS;
    field.kind = MONA_FIELD_NULL;
    CHECK_STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
    CHECK_STATUS(MONA_E_UTF8, mona_current_export_fields(&field, 1, MONA_NOW));
    field.key = "key";
    field.kind = MONA_FIELD_STR;
    field.value.text.ptr = text;
    field.value.text.len = MONA_NTS;
    CHECK_STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
    CHECK_STATUS(MONA_E_UTF8, mona_current_export_fields(&field, 1, MONA_NOW));
    snprintf(json, sizeof json, "\"%s\"", text);
    field.kind = MONA_FIELD_JSON;
    field.value.text.ptr = json;
    CHECK_STATUS(MONA_E_UTF8, mona_context_export_fields(context, &field, 1, MONA_NOW));
}

int main(void)
{
    mona_client *client = new_client(NULL, NULL);
    mona_context *context = NULL;
    char id[64];
    size_t len = 0, i;

    CHECK_OK(mona_client_set_default(client));
    CHECK_OK(mona_context_new(client, NULL, 0, "m", MONA_NTS, MONA_NOW, &context));
    CHECK_OK(mona_current_open(NULL, 0, "m", MONA_NTS, MONA_NOW));
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        check_text(client, context, wrong[i]);
        CHECK_OK(mona_current_id(id, sizeof id, &len));
        CHECK(strcmp(id, "m") == 0);
    }
    CHECK(stats_of(client).accepted == 0);
    CHECK_OK(mona_context_export(context, "{\"a\": \"\xc3\xa9\"}", MONA_NTS, MONA_NOW));
    CHECK_OK(mona_client_close(client, 60000));
    CHECK(stats_of(client).delivered == 1);
    mona_context_free(context);
    mona_client_free(client);
    return 0;
}
