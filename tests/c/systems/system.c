/*
 * A host for systems that have no POSIX: threads of the C runtime, a context each, and what this system does not have.
 * Says what became of an endpoint that is not there.
 */
#include <process.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#include <mona.h>

enum { THREADS = 8, EXPORTS = 500 };

static unsigned __stdcall export_many(void *client)
{
    mona_context *context = NULL;
    int n;
    if (mona_context_open((mona_client *)client, "system", MONA_NTS, NULL, 0, MONA_NOW, &context) != MONA_OK) {
        return 1;
    }
    for (n = 0; n < EXPORTS; n++) {
        if (mona_context_export(context, "{\"n\":1}", MONA_NTS, MONA_NOW) != MONA_OK) {
            return 1;
        }
    }
    mona_context_close(context);
    return 0;
}

