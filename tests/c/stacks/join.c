/*
 * Inside an enter nothing asks for the default client, which cannot be made here: joining, opening and a batch belong to
 * the client of the stack. Prints nothing.
 */
#include "../common.h"

int main(void)
{
    mona_client *client = NULL;
    mona_options *options = mona_options_new();
    mona_stack *in = NULL, *to = NULL;
    uint64_t scope = 0, joined = 0;
    size_t accepted = 77;

    CHECK_OK(mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS));
    CHECK_OK(mona_client_new(options, &client));
    mona_options_free(options);
    CHECK(mona_client_default() == NULL);
    CHECK_OK(mona_stack_enter(client, NULL, NULL, "run", MONA_NTS, NULL, &scope, &in));

    CHECK_OK(mona_stack_enter(NULL, in, NULL, "ignored", MONA_NTS, NULL, &joined, &to));
    CHECK(to != NULL && joined != 0 && joined != scope);
    mona_stack_free(to);
    CHECK_STATUS(MONA_E_PROTECTED, mona_stack_open(NULL, in, NULL, "ignored", MONA_NTS, NULL, &to));
    mona_stack_free(to);
    CHECK_OK(mona_stack_export_batch(NULL, in, "[{\"message\": {\"a\": 1}}]", MONA_NTS, &accepted));
    CHECK(accepted == 1);

    CHECK_OK(mona_client_set_disabled(client, 1));
    CHECK_OK(mona_stack_open(NULL, in, NULL, "ignored", MONA_NTS, NULL, &to));
    mona_stack_free(to);
    CHECK_OK(mona_client_set_disabled(client, 0));

    /* Outside of one it is asked for. */
    CHECK_STATUS(MONA_E_ARGUMENT, mona_stack_enter(NULL, NULL, NULL, NULL, 0, NULL, &joined, &to));
    CHECK(to == NULL && joined != 0);
    mona_stack_free(in);
    mona_client_free(client);
    return 0;
}
