/*
 * What the programs of the suite `cpp` share: expectations, and clients whose records are taken back. Made for C++17
 * without exceptions or run-time types, as the headers that they try.
 */
#ifndef MONA_TESTS_CHECK_HPP
#define MONA_TESTS_CHECK_HPP

#include <mona.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

inline int failures = 0;

inline void expect(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        std::fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
        failures++;
    }
}

inline void expect_same(const std::string &found, const std::string &wanted, const char *file, int line)
{
    if (found != wanted) {
        std::fprintf(stderr, "%s:%d: wanted %s\n  found %s\n", file, line, wanted.c_str(), found.c_str());
        failures++;
    }
}

#define EXPECT(condition) expect((condition) ? true : false, #condition, __FILE__, __LINE__)
#define EXPECT_SAME(found, wanted) expect_same((found), (wanted), __FILE__, __LINE__)

/* A client that keeps its records for take(). A program without one has nothing to test. */
inline mona::client memory_client()
{
    auto made = mona::client::make({{"endpoint", "memory:"}, {"user_id", "cpp"}, {"flush_interval_ms", 1}});
    if (!made) {
        std::fprintf(stderr, "no client: %s\n", made.status().detail().c_str());
        std::exit(1);
    }
    return std::move(*made);
}

/* The part of a record between the name of the user and the time; the whole where it looks otherwise. */
inline std::string middle_of(const std::string &record)
{
    const std::size_t from = record.find("\"context\":"), to = record.rfind(",\"export_timestamp\":");
    return from == std::string::npos || to == std::string::npos ? record : record.substr(from, to - from);
}

/* Everything that was delivered and not taken yet. */
inline std::vector<std::string> taken(mona::client_ref client)
{
    EXPECT(client.flush(std::chrono::seconds(10)));
    std::vector<std::string> records;
    for (auto record = client.take(); record; record = client.take()) {
        records.push_back(std::move(*record));
    }
    return records;
}

/* The one record that was sent, without user and time. */
inline std::string sent(mona::client_ref client)
{
    const std::vector<std::string> records = taken(client);
    EXPECT(records.size() == 1);
    return records.empty() ? std::string() : middle_of(records[0]);
}

#endif
