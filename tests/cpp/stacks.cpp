/* Stacks: values whose copies go their own ways, scopes that threads hand on, values of any kind as class and time. */
#include "check.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace {

mona::client client = memory_client();

std::string lines()
{
    std::string found;
    for (const std::string &record : taken(client)) {
        found += middle_of(record) + "\n";
    }
    return found;
}

void values()
{
    mona::stack task;
    EXPECT(task.send({{"lost", 1}}) == MONA_E_NO_CONTEXT);
    EXPECT(task.open("ranker", "r", {}, client));
    mona::stack child = task;
    EXPECT(child.open_sub(nullptr, "s"));
    EXPECT_SAME(task.id(), "r");
    EXPECT_SAME(child.id(), "r.s");
    EXPECT(child.send({{"a", 1}}));
    EXPECT(task.send(mona::json("{\"b\": 2}"), std::chrono::system_clock::now()));
    EXPECT(task.reset());
    EXPECT(task.handle() == nullptr);
    EXPECT_SAME(child.id(), "r.s");
    EXPECT(child.close_sub("x") == MONA_E_NOT_FOUND);
    EXPECT(child.close_sub());
    EXPECT_SAME(child.id(), "r");
    const mona::stack moved = std::move(child);
    EXPECT_SAME(moved.id(), "r");
    EXPECT_SAME(child.id(), ""); // NOLINT: that is the question
    EXPECT(child.open({}, "again", {}, client));
    EXPECT_SAME(lines(), "\"context\":\"r\",\"message\":{\"MONA_ARC_CLASS\":\"ranker\"}\n"
                         "\"context\":\"r.s\",\"message\":{\"a\":1}\n"
                         "\"context\":\"r\",\"message\":{\"b\":2}\n");
}

void scopes()
{
    mona::stack task;
    {
        const mona::stack_scope run(task, "ranker", "r", {}, client);
        EXPECT(run.status());
        mona::stack inherits = task;
        {
            mona::stack_sub_scope step(task, {}, "s");
            EXPECT_SAME(task.id(), "r.s");
            EXPECT_SAME(inherits.id(), "r");
            const mona::stack_scope joins(inherits, "other", "o");
            EXPECT_SAME(inherits.id(), "r");
            EXPECT(task.open("other") == MONA_E_PROTECTED);
            EXPECT(step.leave());
            EXPECT_SAME(task.id(), "r");
        }
        EXPECT_SAME(inherits.id(), "r");
    }
    EXPECT_SAME(task.id(), "");
    const mona::stack_sub_scope nowhere(task);
    EXPECT(nowhere.status() == MONA_E_NO_CONTEXT);
    EXPECT_SAME(lines(), "\"context\":\"r\",\"message\":{\"MONA_ARC_CLASS\":\"ranker\"}\n");
}

/* Not of a block: there g++ with sanitizers thinks that its number is read. */
const std::optional<int> no_class;

void any_kind()
{
    mona::stack task;
    EXPECT(task.open(7, "n", "soon", client));
    EXPECT(task.open(mona::json("[\"a\"]"), "j", {}, client));
    EXPECT(task.open(0, "none", false, client));
    EXPECT(task.open(no_class, "none", {}, client));
    EXPECT(task.send({{"a", 1}}, mona::json("[]")));
    EXPECT(task.send({{"a", 2}}, std::string("later")));
    EXPECT(task.send({{"a", 3}}, mona::timestamp(1500000000.0)));
    const auto records = taken(client);
    EXPECT(records.size() == 5);
    EXPECT_SAME(middle_of(records[0]),
                "\"context\":\"n\",\"message\":{\"MONA_ARC_CLASS\":7,\"MONA_INVALID_EXPORT_TIMESTAMP\":\"soon\"}");
    EXPECT_SAME(middle_of(records[1]), "\"context\":\"j\",\"message\":{\"MONA_ARC_CLASS\":[\"a\"]}");
    EXPECT_SAME(middle_of(records[3]),
                "\"context\":\"none\",\"message\":{\"a\":2,\"MONA_INVALID_EXPORT_TIMESTAMP\":\"later\"}");
    EXPECT_SAME(records[4].substr(records[4].rfind(',')), ",\"export_timestamp\":1500000000}");
}

void batches()
{
    const mona::json events("[{\"message\": {\"a\": 1}, \"context_id\": \"b\"}]");
    mona::stack task;
    EXPECT(task.open({}, "lost", {}, client));
    EXPECT(task.send_batch(mona::json("[]"), client));
    EXPECT_SAME(task.id(), "lost");
    const auto batch = task.send_batch(events, client);
    EXPECT(batch && *batch == 1);
    EXPECT_SAME(task.id(), "");
    const mona::stack_scope run(task, {}, "kept", {}, client);
    EXPECT(task.send_batch(events, client));
    EXPECT_SAME(task.id(), "kept");
    EXPECT_SAME(lines(), "\"context\":\"b\",\"message\":{\"a\":1}\n\"context\":\"kept\",\"message\":{\"a\":1}\n");
}

/* Jobs that any of four threads takes, each step of a task another one. */
class pool {
public:
    void add(std::function<void()> job)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    void run(int threads)
    {
        std::vector<std::thread> running;
        for (int number = 0; number < threads; number++) {
            running.emplace_back([this] {
                while (const std::function<void()> job = next()) {
                    job();
                }
            });
        }
        for (std::thread &thread : running) {
            thread.join();
        }
    }

private:
    std::function<void()> next()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (jobs_.empty()) {
            return nullptr;
        }
        std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        return job;
    }

    std::mutex mutex_;
    std::deque<std::function<void()>> jobs_;
};

constexpr int tasks = 200, steps = 10;

void step(pool &jobs, int number, mona::stack task, std::uint64_t scope, int left)
{
    task.send({{"task", number}, {"left", left}}).ignore();
    if (left == 0) {
        EXPECT(task.leave(scope));
        EXPECT_SAME(task.id(), "");
        return;
    }
    jobs.add([&jobs, number, task, scope, left] { step(jobs, number, task, scope, left - 1); });
}

void many_tasks()
{
    pool jobs;
    for (int number = 0; number < tasks; number++) {
        jobs.add([&jobs, number] {
            mona::stack task;
            const auto entered = task.enter({}, "t" + std::to_string(number), {}, client);
            EXPECT(entered);
            step(jobs, number, task, *entered, steps - 1);
        });
    }
    jobs.run(4);
    /* Only the records of one thread come in order, so each has its place in a set. */
    std::vector<unsigned> seen(tasks);
    for (const std::string &record : taken(client)) {
        const std::string middle = middle_of(record);
        const auto number = static_cast<std::size_t>(std::stoi(middle.substr(12)));
        const std::string before = "\"context\":\"t" + std::to_string(number) + "\",\"message\":{\"task\":" +
                                   std::to_string(number) + ",\"left\":";
        EXPECT_SAME(middle.substr(0, before.size()), before);
        seen.at(number) += 1U << std::stoul(middle.substr(before.size()));
    }
    for (const unsigned set : seen) {
        EXPECT(set == (1U << steps) - 1);
    }
}

void forked()
{
    mona::stack task;
    EXPECT(task.open({}, "parent", {}, client));
    const pid_t child = fork();
    if (child == 0) {
        failures = 0;
        EXPECT(task.open_sub({}, "child"));
        EXPECT(task.send({{"a", 1}}));
        EXPECT_SAME(lines(), "\"context\":\"parent.child\",\"message\":{\"a\":1}\n");
        _exit(failures != 0);
    }
    int status = -1;
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    EXPECT_SAME(task.id(), "parent");
    EXPECT(taken(client).empty());
}

} // namespace

int main()
{
    values();
    scopes();
    any_kind();
    batches();
    many_tasks();
    forked();
    return failures != 0;
}
