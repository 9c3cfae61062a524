// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT=stdout: shows the records.
#include <mona.hpp>

#include <iostream>
#include <optional>
#include <string>

using namespace std::chrono_literals;

int main()
{
    try {
        mona::client client; // from the environment: MONA_ENDPOINT, MONA_USER_ID and others
        const mona::context run(client, "image-classifier");

        const std::string country = "IL";
        const std::optional<int> age; // unknown: null
        run.send({{"country", country}, {"age", age}, {"is_mobile", true}}).ignore();

        const mona::context step = run.sub("resize");
        step.send({{"width", 640}, {"milliseconds", 1.5}}).ignore();

        // The outcome can be looked at; a failure also counts in stats() and has a line in the log.
        const mona::status status = run.send({{"label", "cat"}, {"confidence", 0.97}, {"boxes", mona::json("[[1, 2]]")}});
        if (!status) {
            std::cerr << status.detail() << '\n';
        }
        // Waits until the collector has it, for two seconds at most; what is thrown says what is in the way.
        client.close(2s).or_throw();
    } catch (const mona::error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
