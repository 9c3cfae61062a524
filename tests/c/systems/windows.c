/*
 * A host on Windows, without POSIX: threads of its own, a context each; a spool; and what there is not on Windows, with
 * the sentence that says so on standard output.
 *
 *     windows.exe SPOOL_FOLDER
 */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <mona.h>

enum { THREADS = 8, EXPORTS = 500 };

static void expect(mona_status status, const char *what)
{
    char detail[512] = "";
    size_t len = 0;
    if (status != MONA_OK) {
        (void)mona_last_error(detail, sizeof detail, &len);
        fprintf(stderr, "%s: %d (%s)\n", what, (int)status, detail);
        exit(1);
    }
}

static unsigned __stdcall export_many(void *of)
{
    mona_client *client = of;
    mona_context *context = NULL;
    int n;
    expect(mona_context_new(client, "windows", MONA_NTS, NULL, 0, MONA_NOW, &context), "context");
    for (n = 0; n < EXPORTS; n++) {
        char event[64];
        snprintf(event, sizeof event, "{\"who\": \"thread\", \"n\": %d}", n);
        expect(mona_context_export(context, event, MONA_NTS, MONA_NOW), "export");
    }
    mona_context_free(context);
    /* The thread's own context is left open for its end. */
    expect(mona_current_enter("windows", MONA_NTS, NULL, 0, MONA_NOW, NULL), "enter");
    return 0;
}

/* What is refused when a client is made, in the library's words. */
static void refused(const char *endpoint)
{
    char detail[512] = "";
    size_t len = 0;
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    if (mona_options_set(options, "endpoint", MONA_NTS, endpoint, MONA_NTS) == MONA_OK &&
        mona_client_new(options, &client) == MONA_OK) {
        fprintf(stderr, "%s: a client was made\n", endpoint);
        exit(1);
    }
    (void)mona_last_error(detail, sizeof detail, &len);
    printf("%s\n", detail);
    mona_options_free(options);
}

static mona_client *spooling(const char *folder, const char *endpoint)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    expect(mona_options_set(options, "spool_dir", MONA_NTS, folder, MONA_NTS), "spool_dir");
    expect(mona_options_set(options, "endpoint", MONA_NTS, endpoint, MONA_NTS), "endpoint");
    expect(mona_client_new(options, &client), "client with a spool");
    mona_options_free(options);
    return client;
}

int main(int argc, char **argv)
{
    HANDLE threads[THREADS];
    mona_client *client = NULL;
    mona_context *context = NULL;
    mona_options *options = mona_options_new();
    int n;

    expect(mona_client_new(options, &client), "client");
    mona_options_free(options);
    for (n = 0; n < THREADS; n++) {
        threads[n] = (HANDLE)_beginthreadex(NULL, 0, export_many, client, 0, NULL);
    }
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    expect(mona_client_flush(client, 20000), "flush");
    expect(mona_client_close(client, 20000), "close");
    mona_client_free(client);

    refused("unix:///run/mona.sock");
    refused("srv+tcp://_mona._tcp.example.com");

    if (argc > 1) {
        /* Nobody listens: what is exported stays on the disk, and the next client sends it. */
        client = spooling(argv[1], "tcp://127.0.0.1:9");
        expect(mona_context_new(client, "windows", MONA_NTS, NULL, 0, MONA_NOW, &context), "context");
        expect(mona_context_export(context, "{\"who\": \"spool\", \"n\": 1}", MONA_NTS, MONA_NOW), "export");
        mona_context_free(context);
        MONA_IGNORE(mona_client_close(client, 2000));
        mona_client_free(client);
        client = spooling(argv[1], getenv("MONA_ENDPOINT"));
        /* Its thread looks for what others left. */
        Sleep(3000);
        expect(mona_client_close(client, 20000), "close");
        mona_client_free(client);
    }
    return 0;
}
