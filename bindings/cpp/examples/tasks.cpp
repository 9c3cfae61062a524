// Tasks that take turns on threads: each keeps its context as a value and hands a copy to those it starts.
// MONA_ENDPOINT=stdout: shows the records.
#include <mona.hpp>

#include <algorithm>
#include <future>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Where it runs does not matter, nor that its parent goes on meanwhile: the copy is its own.
static int score(mona::stack task, int item)
{
    const mona::stack_sub_scope step(task, "scoring", "item-" + std::to_string(item));
    task.send({{"score", item * 10}}).ignore();
    return item * 10;
}

static int rank(int request)
{
    mona::stack task;
    const mona::stack_scope run(task, "ranker", "request-" + std::to_string(request));
    std::vector<std::future<int>> parts;
    for (const int item : {3, 1, 4}) {
        parts.push_back(std::async(std::launch::async, score, task, item));
    }
    int best = 0;
    for (std::future<int> &part : parts) {
        best = std::max(best, part.get());
    }
    task.send({{"best", best}}).ignore();
    return best;
}

int main()
{
    auto first = std::async(std::launch::async, rank, 1);
    auto second = std::async(std::launch::async, rank, 2);
    const int best = std::max(first.get(), second.get());
    const mona::status closed = mona::default_client().close(5s);
    if (!closed) {
        std::cerr << closed.detail() << '\n';
    }
    return best == 40 && closed ? 0 : 1;
}
