// Many events at once, each in a context of its own; without exceptions. MONA_ENDPOINT=stdout: shows the records.
#include <mona.hpp>

#include <cstdio>
#include <string>

using namespace std::chrono_literals;

int main()
{
    auto made = mona::client::make({{"queue_size", 10000}, {"connect_timeout_ms", 2s}});
    if (!made) {
        std::fprintf(stderr, "%s\n", made.status().detail().c_str());
        return 1;
    }
    const mona::client client = std::move(*made);

    std::string events = "[";
    for (int number = 0; number < 100; number++) {
        events += number == 0 ? "" : ",";
        events += R"({"arc_class": "ranker", "message": {"position": )" + std::to_string(number) + "}}";
    }
    events += "]";
    const auto sent = client.send_batch(mona::json(events));
    std::fprintf(stderr, "%zu of 100 accepted\n", *sent);

    const mona::status closed = client.close(5s);
    if (!closed) {
        std::fprintf(stderr, "%s; %s\n", closed.detail().c_str(), client.stats_text()->c_str());
    }
    return sent && closed ? 0 : 1;
}
