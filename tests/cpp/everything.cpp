/*
 * Every function of mona.hpp once, for the compilers to warn of; linked with itself from a second file, where the names
 * must be the same. Nothing of it is run.
 */
#include <mona.hpp>
#include <mona.hpp>

#include "types.hpp"

#include <array>
#include <vector>

#if __cplusplus >= 202002L
#include <span>
#endif

using namespace std::chrono_literals;

static void statuses(mona::status status)
{
    status.ignore();
    static_cast<void>(status.text());
    static_cast<void>(status.detail());
    static_cast<void>(mona::last_error());
    static_cast<void>(mona::version());
    static_cast<void>(mona::is_compatible());
    static_cast<void>(status == mona::status(MONA_E_JSON) || status != MONA_E_JSON || MONA_E_JSON != status ||
                      status != mona::status());
#if MONA_CPP_EXCEPTIONS
    status.or_throw();
    throw mona::error(status);
#endif
}

static void clients()
{
    mona::options options;
    options.set("user_id", "me").ignore();
    options.set("connect_timeout_ms", 1h).ignore();
    options.set({{"queue_size", 5U}, {"blocking", true}}).ignore();
    auto set = mona::options::make({{"endpoint", "null:"}});
    options = std::move(*set);
    auto made = mona::client::make(options);
    static_cast<void>(mona::client::make());
    static_cast<void>(mona::client::make({{"endpoint", "null:"}}));
    mona::client client = std::move(*made);
    client = mona::client::adopt(client.release());
    client.set_globals(mona::json("{}")).ignore();
    client.set_globals(nullptr).ignore();
    client.set_disabled(false).ignore();
    client.set_default().ignore();
    static_cast<void>(client.is_disabled());
    static_cast<void>(client.send_batch(mona::json("[]")));
    static_cast<void>(client.stats()->accepted);
    static_cast<void>(client.stats_text());
    static_cast<void>(client.describe());
    static_cast<void>(client.check(1min));
    static_cast<void>(client.take());
    client.flush(1s).ignore();
    client.close(0.5s).ignore();
    static_cast<void>(mona::default_client());
#if MONA_CPP_EXCEPTIONS
    const mona::client thrown{{"endpoint", "null:"}};
    const mona::client with(mona::options{{"endpoint", "null:"}});
    const mona::client from_the_environment;
#endif
    static_cast<void>(mona::log_take());
    static_cast<void>(mona::spool_list("spool"));
    static_cast<void>(mona::spool_verify("spool"));
    static_cast<void>(mona::spool_read("spool", "place"));
    mona::log_set_level(MONA_LOG_ERROR).ignore();
    mona::log_set_callback(nullptr).ignore();
}

static void contexts(mona::client_ref client)
{
    auto made = mona::context::make(client, "class", "id", std::chrono::system_clock::now());
    auto sub = made->make_sub("class");
    mona::context run = std::move(*made);
    run = mona::context::adopt(run.release());
    const std::vector<mona::field> vector{{"a", 1}, {std::string("b"), 2U}};
    const std::array<mona::field, 1> array{{{"c", 3.0F}}};
    run.send({{"h", 1.5}, {"i", 1L}, {"j", 1LL}, {"k", 1ULL}, {"l", short(1)}, {"m", std::uint8_t(1)}, {"n", true}})
        .ignore();
    run.send({{"d", 1}, {"e", std::optional<std::string>()}, {"f", nullptr}, {"g", mona::json("[]")}}).ignore();
    run.send(vector, std::chrono::system_clock::now()).ignore();
    run.send(array).ignore();
    run.send(mona::json("{}")).ignore();
    run.send({vector.data(), vector.size()}).ignore();
#if __cplusplus >= 202002L
    run.send(std::span<const mona::field>(vector)).ignore();
#endif
    static_cast<void>(run.id());
    static_cast<void>(run.handle());
#if MONA_CPP_EXCEPTIONS
    const mona::context thrown(client, "class");
    const mona::context step = thrown.sub("step");
    static_cast<void>(client.take().value());
#endif
}

static void of_the_thread()
{
    const mona::scope run("class", "id");
    mona::sub_scope step("class");
    step.leave().ignore();
    run.status().ignore();
    mona::current::send({{"a", 1}}).ignore();
    mona::current::send(mona::json("{}")).ignore();
    static_cast<void>(mona::current::send_batch(mona::json("[]")));
    static_cast<void>(mona::current::id());
    mona::current::open().ignore();
    mona::current::open_sub().ignore();
    mona::current::close_sub().ignore();
    mona::current::reset().ignore();
}

static void of_a_task(mona::stack task)
{
    mona::stack_scope run(task, "class", "id", std::chrono::system_clock::now());
    const mona::stack_sub_scope step(task, 7);
    run.leave().ignore();
    task.leave(*task.enter(mona::json("[]"))).ignore();
    task.leave(*task.enter_sub()).ignore();
    task.open().ignore();
    task.open_sub().ignore();
    task.close_sub().ignore();
    task.reset().ignore();
    task.send({{"a", 1}}, "soon").ignore();
    task.send(mona::json("{}")).ignore();
    static_cast<void>(task.send_batch(mona::json("[]")));
    static_cast<void>(task.id());
}

#if defined(SECOND)
/* The other file gives what it has to this one. */
void second(int argc, const mona::field &field, mona::status status, const mona::stack &task)
#else
void second(int argc, const mona::field &field, mona::status status, const mona::stack &task);

int main(int argc, char **)
#endif
{
    if (argc > 1) {
        statuses({});
        clients();
        contexts({});
        of_the_thread();
        of_a_task({});
#if defined(SECOND)
        static_cast<void>(field.raw());
        status.ignore();
        static_cast<void>(task.handle());
#else
        second(argc, mona::field("a", 1), mona::status(), mona::stack());
#endif
    }
#if !defined(SECOND)
    return 0;
#endif
}
