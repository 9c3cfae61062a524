/* What throws, what it throws, and that an exception leaves the scopes it passes. */
#include "check.hpp"

#include <exception>
#include <optional>

namespace {

template <class Call>
void expect_error(mona_status wanted, const std::string &part, Call call)
{
    try {
        call();
        EXPECT(!"an exception");
    } catch (const mona::error &error) {
        EXPECT(error.status() == wanted);
        EXPECT(error.detail().find(part) != std::string::npos);
        EXPECT_SAME(error.what(), error.detail());
    }
}

void constructors()
{
    const mona::client client{{"endpoint", "memory:"}, {"user_id", "cpp"}};
    const mona::context run{client, "ranker", "r"};
    const mona::context step = run.sub(nullptr, "s");
    EXPECT_SAME(step.id(), "r.s");
    step.send({{"a", 1}}).or_throw();
    EXPECT(taken(client).size() == 2);
    EXPECT(mona::client(mona::options{{"endpoint", "null:"}}));
    /* By the environment, in which the test has an endpoint. */
    const mona::client ambient;
    EXPECT(ambient);

    expect_error(MONA_E_ARGUMENT, "queue_size", [] { mona::options{{"queue_size", "many"}}; });
    expect_error(MONA_E_ARGUMENT, "queue_size", [] { mona::client{{"queue_size", 0}}; });
    expect_error(MONA_E_ARGUMENT, "nowhere:", [] { mona::client{{"endpoint", "nowhere:"}}; });
    expect_error(MONA_E_ARGUMENT, "", [] { mona::context{mona::client_ref()}; });
    expect_error(MONA_E_UTF8, "", [&client] { mona::context(client, "\xff"); });
    expect_error(MONA_E_UTF8, "", [&run] { static_cast<void>(run.sub({}, "\xff")); });
    expect_error(MONA_E_JSON, "", [&run] { run.send(mona::json("{")).or_throw(); });
    expect_error(MONA_E_NOT_FOUND, "", [&client] { static_cast<void>(client.take().value()); });
    auto described = client.describe();
    EXPECT(!described.value().empty());
    /* As any other exception. */
    try {
        mona::client{{"endpoint", "nowhere:"}};
        EXPECT(!"an exception");
    } catch (const std::exception &error) {
        EXPECT(std::string(error.what()).find("nowhere:") != std::string::npos);
    }
}

void through_scopes(mona::client_ref client)
{
    try {
        const mona::scope run({}, "r");
        try {
            const mona::sub_scope step({}, "s");
            mona::current::send({{"n", 1}}).or_throw();
            throw 1;
        } catch (int) {
            EXPECT_SAME(mona::current::id(), "r");
            throw;
        }
    } catch (int) {
        EXPECT_SAME(mona::current::id(), "");
    }
    EXPECT_SAME(sent(client), "\"context\":\"r.s\",\"message\":{\"n\":1}");
    std::optional<mona::scope> held;
    held.emplace(nullptr, "held");
    EXPECT_SAME(mona::current::id(), "held");
    held.reset();
    EXPECT_SAME(mona::current::id(), "");
}

} // namespace

int main()
{
    const mona::client client = memory_client();
    client.set_default().or_throw();
    constructors();
    through_scopes(client);
    return failures != 0;
}
