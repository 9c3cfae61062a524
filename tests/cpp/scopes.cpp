/* Scopes of a thread: what they open, what their ends close, and that threads do not meet. */
#include "check.hpp"

#include <memory>
#include <thread>

namespace {

mona::client client = memory_client();

/* Contexts and messages of the records, a line each. */
std::string lines()
{
    std::string found;
    for (const std::string &record : taken(client)) {
        found += middle_of(record) + "\n";
    }
    return found;
}

void blocks()
{
    EXPECT(mona::current::send({{"lost", 1}}) == MONA_E_NO_CONTEXT);
    {
        const mona::scope run("ranker", "r");
        EXPECT(run.status());
        EXPECT_SAME(mona::current::id(), "r");
        EXPECT(mona::current::send({{"a", 1}}));
        {
            const mona::sub_scope step(nullptr, "s");
            EXPECT_SAME(mona::current::id(), "r.s");
            const mona::scope joins("other", "o");
            EXPECT(joins.status());
            EXPECT(mona::current::send(mona::json("{\"b\": 2}")));
            EXPECT(mona::current::open("other") == MONA_E_PROTECTED);
        }
        EXPECT_SAME(mona::current::id(), "r");
    }
    EXPECT_SAME(mona::current::id(), "");
    EXPECT_SAME(lines(), "\"context\":\"r\",\"message\":{\"MONA_ARC_CLASS\":\"ranker\"}\n"
                         "\"context\":\"r\",\"message\":{\"a\":1}\n"
                         "\"context\":\"r.s\",\"message\":{\"b\":2}\n");
}

void failing()
{
    mona::sub_scope nowhere("step");
    EXPECT(nowhere.status() == MONA_E_NO_CONTEXT);
    EXPECT(nowhere.leave());
    mona::scope wrong("\xff");
    EXPECT(wrong.status() == MONA_E_UTF8);
    EXPECT_SAME(mona::current::id(), "");
}

void early()
{
    mona::scope run("", "early");
    mona::sub_scope step({}, "s");
    EXPECT(run.leave());
    EXPECT_SAME(mona::current::id(), "");
    const mona::scope next("", "next");
    EXPECT(run.leave());
    EXPECT(step.leave());
    EXPECT_SAME(mona::current::id(), "next");
}

void without_leave()
{
    EXPECT(mona::current::open({}, "open"));
    EXPECT(mona::current::open_sub({}, "a"));
    EXPECT(mona::current::open_sub({}, "b"));
    EXPECT_SAME(mona::current::id(), "open.a.b");
    EXPECT(mona::current::close_sub());
    EXPECT(mona::current::close_sub("x") == MONA_E_NOT_FOUND);
    EXPECT(mona::current::close_sub(std::string("a")));
    EXPECT_SAME(mona::current::id(), "open");
    EXPECT(mona::current::reset());
    EXPECT_SAME(mona::current::id(), "");
    const auto batch = mona::current::send_batch(mona::json("[{\"message\": {\"a\": 1}, \"context_id\": \"b\"}]"));
    EXPECT(batch && *batch == 1);
    EXPECT_SAME(lines(), "\"context\":\"b\",\"message\":{\"a\":1}\n");
}

/* A scope on another thread than its own is left alone. */
void elsewhere()
{
    auto moved = std::make_unique<mona::scope>(nullptr, "mine");
    std::thread([&moved] {
        EXPECT(moved->leave() == MONA_E_NOT_FOUND);
        moved.reset();
    }).join();
    EXPECT_SAME(mona::current::id(), "mine");
    EXPECT(mona_current_leave(MONA_INNERMOST) == MONA_OK);
}

constexpr int threads = 4, rounds = 500;

void many()
{
    std::vector<std::thread> running;
    for (int number = 0; number < threads; number++) {
        running.emplace_back([number] {
            const std::string id = "t" + std::to_string(number);
            for (int round = 0; round < rounds; round++) {
                const mona::scope run({}, id);
                const mona::sub_scope step({}, "s");
                mona::current::send({{"number", number}, {"round", round}}).ignore();
            }
        });
    }
    for (std::thread &thread : running) {
        thread.join();
    }
    std::vector<int> next(threads);
    for (const std::string &record : taken(client)) {
        const std::string middle = middle_of(record);
        const auto number = static_cast<std::size_t>(middle[12] - '0');
        EXPECT(number < threads);
        EXPECT_SAME(middle, "\"context\":\"t" + std::to_string(number) + ".s\",\"message\":{\"number\":" +
                                std::to_string(number) + ",\"round\":" + std::to_string(next[number]++) + "}");
    }
    for (const int count : next) {
        EXPECT(count == rounds);
    }
}

} // namespace

int main()
{
    EXPECT(client.set_default());
    EXPECT(client.set_default() == MONA_E_EXISTS);
    EXPECT(mona::default_client().stats()->size > 0);
    blocks();
    failing();
    early();
    without_leave();
    elsewhere();
    many();
    EXPECT_SAME(mona::current::id(), "");
    return failures != 0;
}
