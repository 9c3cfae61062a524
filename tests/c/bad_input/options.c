/* Wrong options: set() answers at once, and its sentence names the option, what was found and what is expected. */
#include "../common.h"

static void refuse(const char *name, const char *value, const char *named)
{
    mona_options *options = mona_options_new();
    mona_client *client = NULL;
    char detail[512];
    size_t len = 0;

    CHECK_STATUS(MONA_E_ARGUMENT, mona_options_set(options, name, MONA_NTS, value, MONA_NTS));
    CHECK_OK(mona_last_error(detail, sizeof detail, &len));
    if (strstr(detail, named) == NULL || strstr(detail, "expected") == NULL) {
        fprintf(stderr, "%s=%s: the detail is: %s\n", name, value, detail);
        _exit(1);
    }
    /* A refused value leaves the options as they were: a client can still be made. */
    CHECK_OK(mona_client_new(options, &client));
    mona_client_free(client);
    mona_options_free(options);
}

/* A URL is taken apart when a client is made, at the latest. */
static void refuse_client(const char *name, const char *value, const char *named)
{
    mona_options *options = mona_options_new();
    mona_client *client = NULL;
    char detail[512];
    size_t len = 0;

    mona_status status = mona_options_set(options, name, MONA_NTS, value, MONA_NTS);
    if (status == MONA_OK) {
        status = mona_client_new(options, &client);
    }
    CHECK(status == MONA_E_ARGUMENT && client == NULL);
    CHECK_OK(mona_last_error(detail, sizeof detail, &len));
    CHECK(strstr(detail, named) != NULL && strstr(detail, "expected") != NULL);
    mona_options_free(options);
}

int main(void)
{
    refuse("no_such_option", "1", "no_such_option");
    refuse("", "1", "option");
    refuse("QUEUE_SIZE", "1", "QUEUE_SIZE");
    refuse("port", "0", "port");
    refuse("port", "70000", "port");
    refuse("port", "-1", "port");
    refuse("port", "24224x", "port");
    refuse("queue_size", "many", "queue_size");
    refuse("queue_size", "0", "queue_size");
    refuse("queue_size", "99999999999999999999999", "queue_size");
    refuse("ack", "maybe", "ack");
    refuse("ack", "2", "ack");
    refuse("compress", "zip", "compress");
    refuse("sample_rate", "1.5", "sample_rate");
    refuse("sample_rate", "-0.1", "sample_rate");
    refuse("sample_rate", "NaN", "sample_rate");
    refuse("sample_rates", "[1]", "sample_rates");
    refuse("sample_rates", "{\"A\": 2}", "sample_rates");
    refuse("endpoint", "ftp://127.0.0.1:21", "endpoint");
    refuse_client("endpoint", "tcp://127.0.0.1:0", "endpoint");
    refuse_client("endpoint", "tcp://127.0.0.1:70000", "endpoint");
    refuse_client("endpoint", "tcp://", "endpoint");
    refuse_client("endpoint", "unix://relative", "endpoint");
    refuse("endpoint", "nonsense", "endpoint");
    refuse("log_level", "loud", "log_level");
    return 0;
}
