// Code deep inside a program that has no handle at hand: scopes of the calling thread, on the default client.
// MONA_ENDPOINT=stdout: shows the records.
#include <mona.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static double score(int item)
{
    const double found = item / 100.0;
    mona::current::send({{"item", item}, {"score", found}}).ignore(); // goes to the run that called
    return found;
}

static void rank(int request)
{
    const mona::scope run("ranker", "request-" + std::to_string(request)); // until the end of the block
    double best = 0;
    {
        const mona::sub_scope step("scoring");
        for (const int item : {3, 1, 4}) {
            best = std::max(best, score(item));
        }
    }
    mona::current::send({{"best", best}}).ignore();
}

int main()
{
    std::vector<std::thread> workers;
    for (int request = 0; request < 4; request++) {
        workers.emplace_back(rank, request); // each thread has a context of its own
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    const mona::status closed = mona::default_client().close(5s);
    if (!closed) {
        std::cerr << closed.detail() << '\n';
    }
    return closed ? 0 : 1;
}
