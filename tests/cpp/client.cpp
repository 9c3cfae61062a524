/* Options, clients and contexts as handles, without exceptions: what each call answers, also after a move. */
#include "check.hpp"

using namespace std::chrono_literals;

static bool has(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

static void options()
{
    mona::options set;
    EXPECT(set.set("endpoint", "memory:"));
    EXPECT(set.set("queue_size", 123));
    EXPECT(set.set("flush_interval_ms", std::chrono::microseconds(1500)));
    EXPECT(set.set("blocking", false));
    EXPECT(set.set({{"user_id", std::string("me")}, {"event_id", true}}));
    const mona::status refused = set.set("queue_size", "many");
    EXPECT(refused == MONA_E_ARGUMENT && refused.value() == MONA_E_ARGUMENT);
    EXPECT_SAME(refused.detail(), "option \"queue_size\": \"many\", a whole number from 1 to 10000000 is expected");
    EXPECT_SAME(refused.text(), mona_status_text(MONA_E_ARGUMENT));
    EXPECT(!set.set({{"no_such_option", 1}, {"user_id", "not reached"}}));

    const auto made = mona::client::make(set);
    EXPECT(made);
    const auto described = made->describe();
    EXPECT(described);
    EXPECT(has(*described, "\"queue_size\":{\"value\":123,"));
    EXPECT(has(*described, "\"flush_interval_ms\":{\"value\":2,"));
    EXPECT(has(*described, "\"user_id\":{\"value\":\"me\","));
    EXPECT(has(*described, "\"event_id\":{\"value\":true,"));

    mona::options moved = std::move(set);
    EXPECT(moved.handle() != nullptr);
    EXPECT(set.handle() == nullptr); // NOLINT: that is the question
    EXPECT(set.set("user_id", "x") == MONA_E_ARGUMENT);
    EXPECT(mona::client::make(set).status() == MONA_E_ARGUMENT);
    set = std::move(moved);
    EXPECT(set.set("user_id", "x"));
}

static void refused_clients()
{
    const auto unknown = mona::client::make({{"endpoint", "nowhere:"}});
    EXPECT(!unknown && unknown.status() == MONA_E_ARGUMENT && has(unknown.status().detail(), "nowhere:"));
    EXPECT(!*unknown && unknown->handle() == nullptr);
    EXPECT(mona::client::make({{"queue_size", 0}}).status() == MONA_E_ARGUMENT);
    EXPECT(mona::client::make({{"endpoint", "memory:"}, {"queue_size", -1}}).status() == MONA_E_ARGUMENT);
    EXPECT(mona::context::make(*unknown, "class").status() == MONA_E_ARGUMENT);
}

/* All calls of a handle that is none. */
static void nothing(const mona::client &none)
{
    EXPECT(!none);
    EXPECT(none.set_globals(mona::json("{}")) == MONA_E_ARGUMENT && none.set_globals(nullptr) == MONA_E_ARGUMENT);
    EXPECT(none.set_disabled(true) == MONA_E_ARGUMENT && none.is_disabled().status() == MONA_E_ARGUMENT);
    EXPECT(none.send_batch(mona::json("[]")).status() == MONA_E_ARGUMENT);
    EXPECT(none.flush(1s) == MONA_E_ARGUMENT && none.close(1s) == MONA_E_ARGUMENT);
    EXPECT(none.stats().status() == MONA_E_ARGUMENT && none.stats()->accepted == 0);
    EXPECT(none.describe().status() == MONA_E_ARGUMENT && none.describe()->empty());
    EXPECT(none.stats_text().status() == MONA_E_ARGUMENT);
    EXPECT(none.check(1s).status() == MONA_E_ARGUMENT && none.take().status() == MONA_E_ARGUMENT);
    EXPECT(none.set_default() == MONA_E_ARGUMENT);
}

static void moves()
{
    mona::client first = memory_client();
    mona_client *const handle = first.handle();
    mona::client second = std::move(first);
    EXPECT(second.handle() == handle);
    nothing(first); // NOLINT: that is the question
    mona::client &itself = second;
    second = std::move(itself);
    EXPECT(second.handle() == handle);
    first = std::move(second);
    EXPECT(first.handle() == handle && !second); // NOLINT

    auto opened = mona::context::make(first, "class", "id");
    mona::context run = std::move(*opened);
    EXPECT(run && !*opened);
    EXPECT(opened->send({{"a", 1}}) == MONA_E_ARGUMENT);
    EXPECT(opened->send(mona::json("{}")) == MONA_E_ARGUMENT);
    EXPECT_SAME(opened->id(), "");
    EXPECT(opened->make_sub("x").status() == MONA_E_ARGUMENT);
    mona::context sub = std::move(*run.make_sub({}, "step"));
    run = std::move(sub);
    EXPECT(!sub); // NOLINT
    EXPECT_SAME(run.id(), "id.step");
    EXPECT(run.send({{"a", 1}}));

    mona_context *const given = run.release();
    EXPECT(!run);
    const mona::context back = mona::context::adopt(given);
    EXPECT_SAME(back.id(), "id.step");
    mona_client *const away = first.release();
    EXPECT(!first);
    first = mona::client::adopt(away);
    EXPECT(taken(first).size() == 2);
}

static void contexts()
{
    mona::client client = memory_client();
    EXPECT(client.set_globals(mona::json("{\"version\": \"1.2\"}")));
    auto run = mona::context::make(client, "ranker", "run-1", std::chrono::system_clock::time_point(1552903200s));
    EXPECT(run);
    EXPECT(run->send({{"score", 0.5}}));
    const auto step = run->make_sub("stage", std::string("s"));
    run = mona::context::make(client);
    EXPECT(step->send(mona::json("{\"n\": 1}")));
    EXPECT_SAME(step->id(), "run-1.s");
    EXPECT(run->id().size() == 36);
    EXPECT(client.set_globals(nullptr));
    EXPECT(mona::context::make(client, nullptr, "run-2"));
    EXPECT(client.set_globals(mona::json("[]")) == MONA_E_JSON);

    const auto records = taken(client);
    EXPECT(records.size() == 6);
    EXPECT_SAME(records[0], "{\"user_id\":\"cpp\",\"context\":\"run-1\",\"message\":{\"MONA_ARC_CLASS\":\"ranker\"},"
                            "\"export_timestamp\":1552903200}");
    EXPECT_SAME(middle_of(records[1]), "\"context\":\"run-1\",\"message\":{\"MONA_GLOBALS\":{\"version\":\"1.2\"}}");
    EXPECT_SAME(middle_of(records[2]), "\"context\":\"run-1\",\"message\":{\"score\":0.5}");
    EXPECT_SAME(middle_of(records[3]), "\"context\":\"run-1.s\",\"message\":{\"MONA_ARC_CLASS\":\"stage\"}");
    EXPECT_SAME(middle_of(records[5]), "\"context\":\"run-1.s\",\"message\":{\"n\":1}");

    EXPECT(client.close(5s));
    EXPECT(step->send({{"late", true}}) == MONA_E_CLOSED);
    EXPECT(client.stats()->refused == 1);
}

static void client_calls()
{
    mona::client client = memory_client();
    const auto batch = client.send_batch(mona::json("[{\"message\": {\"a\": 1}, \"context_id\": \"b\"}, {}]"));
    EXPECT(batch.status() == MONA_E_JSON && *batch == 1);
    EXPECT_SAME(sent(client), "\"context\":\"b\",\"message\":{\"a\":1}");
    EXPECT(client.take().status() == MONA_E_NOT_FOUND);
    EXPECT(client.check(5s));
    EXPECT(has(*client.check(5s), "\"ok\":true"));

    const auto unreachable = mona::client::make({{"endpoint", "unix:///nowhere/to/be/found"}});
    const auto report = unreachable->check(5s);
    EXPECT(!report && has(*report, "\"ok\":false"));

    const std::string big(100000, 'x');
    const auto run = mona::context::make(client, {}, "c");
    EXPECT(run->send({{"big", big}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"big\":\"" + big + "\"}");

    EXPECT(!*client.is_disabled());
    EXPECT(client.set_disabled(true));
    EXPECT(*client.is_disabled());
    EXPECT(run->send({{"a", 1}}));
    EXPECT(client.set_disabled(false));
    EXPECT(taken(client).empty());
    const auto stats = client.stats();
    EXPECT(stats && stats->skipped_disabled == 1 && stats->delivered == 2 && stats->size == sizeof(mona_stats));
    EXPECT(has(*client.stats_text(), "\"delivered\":2,"));
}

static std::string heard;

static void hear(std::int32_t, const char *line, std::size_t len, void *)
{
    heard.append(line, len).append("\n");
}

static void the_log()
{
    while (mona::log_take()) {
    }
    EXPECT(mona::log_take().status() == MONA_E_NOT_FOUND);
    EXPECT(mona::log_set_callback(hear));
    EXPECT(mona::log_set_level(MONA_LOG_DEBUG));
    EXPECT(mona::log_set_level(51) == MONA_E_ARGUMENT);
    mona::client client = memory_client();
    EXPECT(mona::log_set_callback(nullptr));
    EXPECT(client.set_disabled(true));
    const auto line = mona::log_take();
    EXPECT(line && line->level >= MONA_LOG_DEBUG && !line->text.empty());
    EXPECT(heard.empty() || has(heard, line->text.c_str()));
    EXPECT_SAME(mona::version(), mona_version());
    EXPECT(mona::is_compatible());
}

int main()
{
    options();
    refused_clients();
    moves();
    contexts();
    client_calls();
    the_log();
    return failures != 0;
}
