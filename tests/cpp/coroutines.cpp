/* Coroutines that take turns on two threads: each has its stack and its scopes across every wait. */
#include "check.hpp"

#include <array>
#include <coroutine>
#include <deque>
#include <thread>

namespace {

mona::client client = memory_client();

/* Those that wait for their turn, the next one first. */
std::deque<std::coroutine_handle<>> waiting;

struct turn {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { waiting.push_back(self); }
    void await_resume() const noexcept {}
};

/* Begins when it is its turn, and frees itself at its end. */
struct task {
    struct promise_type {
        task get_return_object() const noexcept { return {}; }
        turn initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::abort(); }
    };
};

constexpr int tasks = 8, rounds = 3;

task rank(mona::stack own, int number)
{
    const std::string id = "t" + std::to_string(number);
    const mona::stack_scope run(own, {}, id, {}, client);
    for (int round = 0; round < rounds; round++) {
        co_await turn();
        const mona::stack_sub_scope step(own, {}, std::to_string(round));
        co_await turn();
        EXPECT_SAME(own.id(), id + "." + std::to_string(round));
        EXPECT(own.send({{"number", number}}));
    }
    EXPECT_SAME(own.id(), id);
}

} // namespace

int main()
{
    for (int number = 0; number < tasks; number++) {
        rank({}, number);
    }
    /* One thread after the other, so that a task goes on where it did not begin. */
    while (!waiting.empty()) {
        std::thread([] {
            const std::coroutine_handle<> next = waiting.front();
            waiting.pop_front();
            next.resume();
        }).join();
    }
    std::array<int, tasks> seen{};
    for (const std::string &record : taken(client)) {
        const std::string middle = middle_of(record);
        const auto number = static_cast<std::size_t>(middle[12] - '0');
        EXPECT(middle.find(",\"message\":{\"number\":" + std::to_string(number) + "}") != std::string::npos);
        seen.at(number)++;
    }
    for (const int count : seen) {
        EXPECT(count == rounds);
    }
    return failures != 0;
}
