/*
 * Plays a conformance scenario through mona.hpp: `scenario current|stack FILE`. A line of the file is an operation, its
 * words `name=value` separated by tabs, with %09, %0a and %25 in them (tests/src/scenario/lines.rs writes it). Prints
 * a line for each: status, records it emitted, and where it has one its text; then flush, delivered, whether the
 * counters add up, and the records.
 *
 * `current` plays by scopes of threads, `stack` by a mona::stack for each thread.
 */
#include "scenario_hand.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr auto drain = 10s, reload = 4s;

[[noreturn]] void give_up(const std::string &why)
{
    std::cerr << why << '\n';
    std::exit(2);
}

bool is_stack = false;

std::unique_ptr<hand> new_hand()
{
    if (is_stack) {
        return std::make_unique<stack_hand>();
    }
    return std::make_unique<current_hand>();
}

/* A thread of the scenario, which does one job after the other and then nothing until the next. */
class worker {
public:
    explicit worker() : thread_([this] { work(); }) {}
    worker(const worker &) = delete;
    worker &operator=(const worker &) = delete;
    ~worker()
    {
        perform([](hand &) { return outcome(); }, true);
        thread_.join();
    }

    outcome perform(const std::function<outcome(hand &)> &job, bool is_last = false)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        job_ = &job;
        is_last_ = is_last;
        changed_.notify_all();
        changed_.wait(lock, [this] { return job_ == nullptr; });
        return outcome_;
    }

private:
    void work()
    {
        const std::unique_ptr<hand> own = new_hand();
        std::unique_lock<std::mutex> lock(mutex_);
        do {
            changed_.wait(lock, [this] { return job_ != nullptr; });
            outcome_ = (*job_)(*own);
            job_ = nullptr;
            changed_.notify_all();
        } while (!is_last_);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<outcome(hand &)> *job_ = nullptr;
    bool is_last_ = false;
    outcome outcome_;
    std::thread thread_;
};

class player {
public:
    explicit player(bool is_lazy) : is_lazy_(is_lazy) {}

    void perform(const op &what)
    {
        const outcome found = outcome_of(what.word("op"), what);
        const std::uint64_t accepted = has_client() ? mona::default_client().stats()->accepted : accepted_;
        std::cout << found.status.value() << '\t' << accepted - accepted_;
        if (found.text) {
            std::cout << '\t' << *found.text;
        }
        std::cout << '\n';
        accepted_ = accepted;
    }

    void end()
    {
        threads_.clear();
        if (!has_client()) {
            std::cout << "end\t0\t0\ttrue\n";
            return;
        }
        const mona::client_ref client = mona::default_client();
        const mona::status flushed = client.flush(drain);
        const mona_stats stats = *client.stats();
        const std::uint64_t elsewhere = stats.dropped_queue_full + stats.dropped_too_big + stats.dropped_rejected +
                                        stats.dropped_spool + stats.dropped_closed + stats.queued_events +
                                        stats.spooled_events;
        std::cout << "end\t" << flushed.value() << '\t' << stats.delivered << '\t'
                  << (stats.accepted == stats.delivered + elsewhere ? "true" : "false") << '\n';
        for (auto record = client.take(); record; record = client.take()) {
            std::cout << *record << '\n';
        }
    }

private:
    /* The default client; asking for it too early would make it from the environment. */
    bool has_client() const { return (is_lazy_ || made_) && mona::default_client(); }

    outcome outcome_of(const std::string &name, const op &what)
    {
        if (name == "init_client") {
            return {init_client(what.word("options")), {}};
        }
        if (name == "set_global_init_message") {
            return {mona::default_client().set_globals(what.json("message")), {}};
        }
        if (name == "set_disabled") {
            return {mona::default_client().set_disabled(what.word("disabled") == "true"), {}};
        }
        if (name == "close") {
            return {mona::default_client().close(drain), {}};
        }
        if (name == "write_config") {
            return {write_config(what), {}};
        }
        if (name == "thread_start") {
            return start(what);
        }
        if (name == "thread_join") {
            threads_.erase(what.word("target"));
            return {};
        }
        return on_thread(what.word("thread"), [&](hand &own) -> outcome {
            if (name == "get_full_context_id") {
                return {mona::status(), own.id()};
            }
            if (name == "new_context_exit" || name == "new_sub_context_exit") {
                return {own.leave(what.word("handle")), {}};
            }
            return own.perform(name, what);
        });
    }

    outcome on_thread(const std::string &name, const std::function<outcome(hand &)> &job)
    {
        const auto thread = threads_.find(name);
        return thread == threads_.end() ? job(*main_) : thread->second->perform(job);
    }

    /* The names and values of options, each ended by a line break. */
    mona::status init_client(const std::string &said)
    {
        mona::options options;
        for (std::size_t from = 0; from < said.size();) {
            const std::size_t name = said.find('\n', from), value = said.find('\n', name + 1);
            const mona::status set =
                options.set(said.substr(from, name - from), said.substr(name + 1, value - name - 1));
            if (!set) {
                return set;
            }
            from = value + 1;
        }
        auto made = mona::client::make(options);
        if (!made) {
            return made.status();
        }
        const mona::status outcome = made->set_default();
        if (outcome) {
            made_ = std::move(*made);
        }
        return outcome;
    }

    mona::status write_config(const op &what)
    {
        const char *const path = std::getenv("MONA_CLIENT_CONFIG_FILE");
        if (path == nullptr) {
            give_up("MONA_CLIENT_CONFIG_FILE: not set, the config file is expected");
        }
        const mona::client_ref client = mona::default_client();
        const std::uint64_t before = client.stats()->config_reloads;
        if (what.word("delete") == "true") {
            std::remove(path);
        } else if (what.word("rename") == "true") {
            const std::string fresh = std::string(path) + ".fresh";
            std::ofstream(fresh) << what.word("content");
            std::rename(fresh.c_str(), path);
        } else {
            std::ofstream(path) << what.word("content");
        }
        const auto end = std::chrono::steady_clock::now() + reload;
        while (client.stats()->config_reloads == before && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(20ms);
        }
        return {};
    }

    /* A thread that inherits enters the starter's context first and leaves it last. */
    outcome start(const op &what)
    {
        const bool inherits = what.word("kind") == "inherit";
        const std::string id = *on_thread(what.word("thread"), [](hand &own) {
                                    return outcome{mona::status(), own.id()};
                                }).text;
        auto &thread = threads_[what.word("new")];
        thread = std::make_unique<worker>();
        return thread->perform([&](hand &own) -> outcome {
            if (!inherits) {
                return {};
            }
            return {own.perform("new_context_enter", op(id.empty() ? "handle=" : "handle=\tid=" + id)).status, {}};
        });
    }

    std::unique_ptr<hand> main_ = new_hand();
    std::map<std::string, std::unique_ptr<worker>> threads_;
    std::optional<mona::client> made_;
    std::uint64_t accepted_ = 0;
    bool is_lazy_;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        give_up("arguments: current or stack, and a file of operations are expected");
    }
    is_stack = std::string(argv[1]) == "stack";
    std::ifstream file(argv[2]);
    std::vector<op> ops;
    bool is_lazy = true;
    for (std::string line; std::getline(file, line);) {
        ops.emplace_back(line);
        is_lazy = is_lazy && ops.back().word("op") != "init_client";
    }
    player player(is_lazy);
    for (const op &what : ops) {
        player.perform(what);
    }
    player.end();
    return 0;
}
