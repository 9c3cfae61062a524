/* Every type of value, at its limits, arrives as it was; and every way to hand over a list of fields. */
#include "check.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#if __cplusplus >= 202002L
#include <span>
#endif

static mona::client client = memory_client();

static mona::context opened()
{
    auto made = mona::context::make(client, {}, "c");
    EXPECT(made);
    return std::move(*made);
}

static const mona::context run = opened();

/* What arrives as the value of a field. */
template <class T>
static std::string arrives(const T &value)
{
    EXPECT(run.send({{"v", value}}));
    std::string record = sent(client);
    const std::string before = "\"context\":\"c\",\"message\":{\"v\":";
    EXPECT_SAME(record.substr(0, before.size()), before);
    EXPECT_SAME(record.substr(record.size() - 1), "}");
    return record.substr(before.size(), record.size() - before.size() - 1);
}

template <class T>
static void whole_numbers()
{
    using limits = std::numeric_limits<T>;
    EXPECT_SAME(arrives(limits::max()), std::to_string(limits::max()));
    EXPECT_SAME(arrives(limits::min()), std::to_string(limits::min()));
    EXPECT_SAME(arrives(static_cast<T>(7)), "7");
    EXPECT_SAME(arrives(std::optional<T>(limits::max())), std::to_string(limits::max()));
}

template <class T>
static void floating_number(T value)
{
    const std::string text = arrives(value);
    const T found = static_cast<T>(std::strtod(text.c_str(), nullptr));
    EXPECT(std::memcmp(&found, &value, sizeof found) == 0);
}

template <class T>
static void floating_numbers()
{
    using limits = std::numeric_limits<T>;
    for (const T value : {limits::max(), limits::lowest(), limits::min(), limits::denorm_min(), limits::epsilon(),
                          static_cast<T>(0.1), static_cast<T>(-0.0), static_cast<T>(1) / 3}) {
        floating_number(value);
    }
    EXPECT_SAME(arrives(limits::quiet_NaN()), "null");
    EXPECT_SAME(arrives(limits::infinity()), "null");
}

struct of_class {
    static const int in_class = 12;
    int bits : 3;
};

static void numbers()
{
    whole_numbers<signed char>();
    whole_numbers<unsigned char>();
    whole_numbers<short>();
    whole_numbers<unsigned short>();
    whole_numbers<int>();
    whole_numbers<unsigned>();
    whole_numbers<long>();
    whole_numbers<unsigned long>();
    whole_numbers<long long>();
    whole_numbers<unsigned long long>();
    floating_numbers<float>();
    floating_numbers<double>();
    EXPECT_SAME(arrives(0.97F), "0.97");
    EXPECT_SAME(arrives(1.0F / 3), "0.33333334");
    EXPECT_SAME(arrives(std::optional<float>(1e-45F)), "1e-45");
    EXPECT_SAME(arrives(true), "true");
    EXPECT_SAME(arrives(false), "false");
    /* Neither needs an address. */
    EXPECT(run.send({{"v", of_class::in_class}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"v\":12}");
    of_class object = {};
    object.bits = -2;
    EXPECT(run.send({{"v", object.bits}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"v\":-2}");
    EXPECT(run.send({{"batch", 32}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"batch\":32}");
}

static void texts()
{
    EXPECT_SAME(arrives("cat"), "\"cat\"");
    char room[16] = "dog";
    EXPECT_SAME(arrives(room), "\"dog\"");
    const char *none = nullptr;
    char *none_to_write = nullptr;
    EXPECT_SAME(arrives(none), "null");
    EXPECT_SAME(arrives(none_to_write), "null");
    EXPECT_SAME(arrives(""), "\"\"");
    EXPECT_SAME(arrives(std::string()), "\"\"");
    EXPECT_SAME(arrives(std::string_view()), "\"\"");
    EXPECT_SAME(arrives(std::string("a\0b", 3)), "\"a\\u0000b\"");
    EXPECT_SAME(arrives(std::string_view("not to its end", 3)), "\"not\"");
    EXPECT_SAME(arrives(u8"gr\u00fcn"), "\"gr\xc3\xbcn\"");
#if defined(__cpp_char8_t)
    EXPECT_SAME(arrives(std::u8string(u8"\u00e4")), "\"\xc3\xa4\"");
    EXPECT_SAME(arrives(std::u8string_view()), "\"\"");
#endif
    EXPECT_SAME(arrives(nullptr), "null");
    EXPECT_SAME(arrives(std::nullopt), "null");
    EXPECT_SAME(arrives(std::optional<bool>()), "null");
    EXPECT_SAME(arrives(std::optional<std::string>("here")), "\"here\"");
    EXPECT_SAME(arrives(std::optional<std::optional<int>>(std::optional<int>())), "null");
    EXPECT_SAME(arrives(mona::json("[1, {\"a\": null}]")), "[1,{\"a\":null}]");
    EXPECT_SAME(arrives(mona::json(nullptr)), "null");
    EXPECT(run.send({{"v", std::string("\xff")}}) == MONA_E_UTF8);
    EXPECT(run.send({{"v", mona::json("[1")}}) == MONA_E_JSON);
}

static void keys()
{
    const char *none = nullptr;
    std::string long_key(300, 'k');
    EXPECT(run.send({{long_key, 1}, {std::string_view("view", 2), 2}, {u8"\u00e4", 3}, {"", 4}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"" + long_key + "\":1,\"vi\":2,\"\xc3\xa4\":3,\"\":4}");
    EXPECT(run.send({{none, 1}}) == MONA_E_ARGUMENT);
}

static void lists()
{
    const std::string wanted = "\"context\":\"c\",\"message\":{\"a\":1,\"b\":\"x\"}";
    const std::vector<mona::field> vector{{"a", 1}, {"b", "x"}};
    const std::array<mona::field, 2> array{{{"a", 1}, {"b", "x"}}};
    const mona::field plain[] = {{"a", 1}, {"b", "x"}};
    const mona_field raw[] = {MONA_I64("a", 1), MONA_STR("b", "x")};
    EXPECT(run.send({{"a", 1}, {"b", "x"}}));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send(vector));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send(array));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send(plain));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send(raw));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send({vector.data(), vector.size()}));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send({mona::field(raw[0]), mona::field(raw[1])}));
    EXPECT_SAME(sent(client), wanted);
#if __cplusplus >= 202002L
    EXPECT(run.send(std::span(vector)));
    EXPECT_SAME(sent(client), wanted);
    EXPECT(run.send(std::span<const mona::field, 2>(plain)));
    EXPECT_SAME(sent(client), wanted);
#endif
    EXPECT(run.send(mona::json("{\"a\": 1, \"b\": \"x\"}")));
    EXPECT_SAME(sent(client), wanted);
    /* A single text is one field, not a beginning and an end. */
    EXPECT(run.send({{"a", "b"}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"a\":\"b\"}");
    EXPECT(run.send({}));
    EXPECT(run.send(std::vector<mona::field>()));
    EXPECT(run.send(std::array<mona::field, 0>()));
    EXPECT(taken(client).empty());
    EXPECT(client.stats()->skipped_filtered == 3);
}

static void times()
{
    const auto then = std::chrono::system_clock::time_point(std::chrono::milliseconds(1552903200999));
    EXPECT(run.send({{"a", 1}}, then));
    EXPECT(run.send(mona::json("{\"a\": 2}"), mona::timestamp(1500000000.5)));
    EXPECT(run.send({{"a", 3}}, mona::timestamp(std::nan(""))));
    const auto records = taken(client);
    EXPECT(mona::timeout(std::chrono::duration<double>(std::nan(""))).ms() == 0);
    EXPECT(records.size() == 3);
    EXPECT_SAME(records[0].substr(records[0].rfind(',')), ",\"export_timestamp\":1552903200}");
    EXPECT_SAME(records[1].substr(records[1].rfind(',')), ",\"export_timestamp\":1500000000}");
    EXPECT_SAME(middle_of(records[2]),
                "\"context\":\"c\",\"message\":{\"a\":3,\"MONA_INVALID_EXPORT_TIMESTAMP\":null}");
}

int main()
{
    numbers();
    texts();
    keys();
    lists();
    times();
    return failures != 0;
}
