/*
 * Loads the shared object, sends one event, and unloads it again, many times: `reload OBJECT TIMES`.
 * The object stays mapped (NODELETE), so its thread never loses its code. Not linked with libmona.
 */
#include "../common.h"

#include <dlfcn.h>

/* ISO C has no cast from a pointer to an object to a pointer to a function. */
#define LOAD(pointer, object, name)                   \
    do {                                              \
        void *symbol = dlsym((object), (name));       \
        CHECK(symbol != NULL);                        \
        memcpy(&(pointer), &symbol, sizeof(pointer)); \
    } while (0)

static void load_once(const char *path, long n)
{
    mona_status (*client_new)(const mona_options *, mona_client **);
    mona_status (*client_close)(mona_client *, uint32_t);
    void (*client_free)(mona_client *);
    mona_status (*context_new)(mona_client *, const char *, size_t, const char *, size_t, double,
                               mona_context **);
    mona_status (*context_export)(const mona_context *, const char *, size_t, double);
    void (*context_free)(mona_context *);
    mona_client *client = NULL;
    mona_context *context = NULL;
    char event[64];
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    CHECK(object != NULL);
    LOAD(client_new, object, "mona_client_new");
    LOAD(client_close, object, "mona_client_close");
    LOAD(client_free, object, "mona_client_free");
    LOAD(context_new, object, "mona_context_new");
    LOAD(context_export, object, "mona_context_export");
    LOAD(context_free, object, "mona_context_free");

    CHECK(client_new(NULL, &client) == MONA_OK);
    CHECK(context_new(client, NULL, 0, NULL, 0, MONA_NOW, &context) == MONA_OK);
    snprintf(event, sizeof event, "{\"who\": \"reload\", \"n\": %ld}", n);
    CHECK(context_export(context, event, MONA_NTS, MONA_NOW) == MONA_OK);
    context_free(context);
    CHECK(client_close(client, 60000) == MONA_OK);
    client_free(client);
    CHECK(dlclose(object) == 0);
}

int main(int argc, char **argv)
{
    long times, n;
    int descriptors_before;
    double end;

    CHECK(argc == 3);
    times = atol(argv[2]);
    load_once(argv[1], 0);
    descriptors_before = descriptors();
    for (n = 1; n < times; n++) {
        load_once(argv[1], n);
    }
    end = seconds_now() + 60;
    /* A thread that was told to stop may still be on its way out. */
    while (descriptors() > descriptors_before) {
        CHECK(seconds_now() < end);
        sleep_ms(5);
    }
    return 0;
}
