#define FFI_SCOPE "MONA"
#define FFI_LIB "libmona.so.0"
typedef int32_t mona_status;
typedef struct mona_client mona_client;
typedef struct mona_context mona_context;
typedef struct mona_options mona_options;
typedef struct mona_stack mona_stack;
typedef struct mona_text { const char *ptr; size_t len; } mona_text;
typedef union mona_value {
    int32_t boolean; int64_t i64; uint64_t u64; double f64; mona_text text;
} mona_value;
typedef struct mona_field {
    const char *key; size_t key_len; int32_t kind; int32_t reserved; mona_value value;
} mona_field;
typedef mona_client *mona_client_place[1];
typedef mona_context *mona_context_place[1];
typedef mona_stack *mona_stack_place[1];
typedef struct mona_stats {
    size_t size;
    uint64_t accepted;
    uint64_t delivered;
    uint64_t skipped_disabled;
    uint64_t skipped_filtered;
    uint64_t skipped_sampled;
    uint64_t dropped_queue_full;
    uint64_t dropped_too_big;
    uint64_t dropped_rejected;
    uint64_t dropped_spool;
    uint64_t dropped_closed;
    uint64_t queued_events;
    uint64_t queued_bytes;
    uint64_t spooled_events;
    uint64_t spooled_bytes;
    uint64_t chunks_sent;
    uint64_t chunks_acked;
    uint64_t chunks_resent;
    uint64_t connections;
    uint64_t connect_failures;
    uint64_t config_reloads;
    uint64_t worker_panics;
    uint64_t refused;
    uint64_t adopted_events;
} mona_stats;
const char *mona_version(void);
uint32_t mona_abi_version(void);
const char *mona_status_text(mona_status status);
mona_status mona_client_stats(const struct mona_client *client, struct mona_stats *stats);
mona_status mona_client_stats_text(const struct mona_client *client, char *buf, size_t cap,
    size_t *len);
struct mona_options *mona_options_new(void);
mona_status mona_options_set(struct mona_options *options, const char *name, size_t name_len,
    const char *value, size_t value_len);
void mona_options_free(struct mona_options *options);
mona_status mona_client_new(const struct mona_options *options_or_null,
    struct mona_client **client);
mona_status mona_client_set_globals(struct mona_client *client, const char *json, size_t json_len);
mona_status mona_client_set_disabled(struct mona_client *client, int32_t disabled);
mona_status mona_client_is_disabled(const struct mona_client *client, int32_t *disabled);
mona_status mona_client_export_batch(struct mona_client *client, const char *json, size_t json_len,
    size_t *accepted);
mona_status mona_client_flush(struct mona_client *client, uint32_t timeout_ms);
mona_status mona_client_close(struct mona_client *client, uint32_t timeout_ms);
void mona_client_free(struct mona_client *client);
mona_status mona_client_describe(const struct mona_client *client, char *buf, size_t cap,
    size_t *len);
mona_status mona_client_check(struct mona_client *client, uint32_t timeout_ms, char *buf,
    size_t cap, size_t *len);
mona_status mona_client_take(struct mona_client *client, char *buf, size_t cap, size_t *len);
mona_status mona_client_set_default(struct mona_client *client);
struct mona_client *mona_client_default(void);
mona_status mona_context_new(struct mona_client *client, const char *arc_class,
    size_t arc_class_len, const char *context_id, size_t context_id_len, double timestamp,
    struct mona_context **context);
mona_status mona_context_new_sub(const struct mona_context *parent, const char *arc_class,
    size_t arc_class_len, const char *sub_context_id, size_t sub_context_id_len,
    struct mona_context **context);
mona_status mona_context_id(const struct mona_context *context, char *buf, size_t cap,
    size_t *len);
mona_status mona_context_export(const struct mona_context *context, const char *json,
    size_t json_len, double timestamp);
mona_status mona_context_export_fields(const struct mona_context *context,
    const struct mona_field *fields, size_t n, double timestamp);
void mona_context_free(struct mona_context *context);
mona_status mona_stack_enter(struct mona_client *client_or_null,
    const struct mona_stack *from_or_null, const struct mona_field *arc_class_or_null,
    const char *context_id, size_t context_id_len, const struct mona_field *timestamp_or_null,
    uint64_t *scope, struct mona_stack **to);
mona_status mona_stack_enter_sub(const struct mona_stack *from_or_null,
    const struct mona_field *arc_class_or_null, const char *sub_context_id,
    size_t sub_context_id_len, uint64_t *scope, struct mona_stack **to);
mona_status mona_stack_leave(const struct mona_stack *from_or_null, uint64_t scope,
    struct mona_stack **to);
mona_status mona_stack_open(struct mona_client *client_or_null,
    const struct mona_stack *from_or_null, const struct mona_field *arc_class_or_null,
    const char *context_id, size_t context_id_len, const struct mona_field *timestamp_or_null,
    struct mona_stack **to);
mona_status mona_stack_open_sub(const struct mona_stack *from_or_null,
    const struct mona_field *arc_class_or_null, const char *sub_context_id,
    size_t sub_context_id_len, struct mona_stack **to);
mona_status mona_stack_close_sub(const struct mona_stack *from_or_null, const char *sub_context_id,
    size_t sub_context_id_len, struct mona_stack **to);
mona_status mona_stack_reset(const struct mona_stack *from_or_null, struct mona_stack **to);
mona_status mona_stack_id(const struct mona_stack *stack_or_null, char *buf, size_t cap,
    size_t *len);
void mona_stack_free(struct mona_stack *stack);
mona_status mona_stack_export(const struct mona_stack *stack_or_null, const char *json,
    size_t json_len, const struct mona_field *timestamp_or_null, int32_t *taken_or_null);
mona_status mona_stack_export_fields(const struct mona_stack *stack_or_null,
    const struct mona_field *fields, size_t n, const struct mona_field *timestamp_or_null,
    int32_t *taken_or_null);
mona_status mona_stack_export_batch(struct mona_client *client_or_null,
    const struct mona_stack *from_or_null, const char *json, size_t json_len, size_t *accepted);
mona_status mona_spool_list(const char *dir, size_t dir_len, char *buf, size_t cap, size_t *len);
mona_status mona_spool_verify(const char *dir, size_t dir_len, char *buf, size_t cap, size_t *len);
mona_status mona_spool_read(const char *dir, size_t dir_len, const char *place, size_t place_len,
    char *buf, size_t cap, size_t *len);
mona_status mona_last_error(char *buf, size_t cap, size_t *len);
mona_status mona_log_set_level(int32_t level);
mona_status mona_log_take(int32_t *level, char *buf, size_t cap, size_t *len);
