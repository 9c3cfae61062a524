/* The typical event and a context by mona.hpp, as a program in C++ would write them. */
#include <mona.hpp>

extern "C" {
#include "subject.h"

void call_by_mona_hpp(const struct target *target, long n);
void open_by_mona_hpp(const struct target *target, long n);
}

static void count(mona::status status)
{
    if (!status) {
        subject_refuse();
    }
}

/* The context of a subject, which is C's. */
static const mona::context &context_of(const struct target *target)
{
    static_assert(sizeof(mona::context) == sizeof target->context, "a context is its handle");
    return *reinterpret_cast<const mona::context *>(&target->context);
}

void call_by_mona_hpp(const struct target *target, long n)
{
    count(context_of(target).send({{"model", "resnet50-v3"},
                                   {"confidence", confidence_of(n)},
                                   {"latency_ms", latency_of(n)},
                                   {"label", "cat"},
                                   {"batch", 32},
                                   {"country", "IL"},
                                   {"is_mobile", true}}));
}

void open_by_mona_hpp(const struct target *target, long)
{
    count(mona::context::make(mona::client_ref(target->client), "image-classifier").status());
}

struct subject subject_cpp_typed(mona_client *client)
{
    struct subject subject = subject_of_mona(client, nullptr);
    subject.call = call_by_mona_hpp;
    subject.calls = 400000;
    return subject;
}

struct subject subject_cpp_context(mona_client *client)
{
    struct subject subject = subject_of_mona(client, nullptr);
    subject.call = open_by_mona_hpp;
    subject.calls = 100000;
    return subject;
}
