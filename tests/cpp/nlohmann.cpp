/* What mona/nlohmann.hpp makes of values, as events, fields and batches. */
#include "check.hpp"

#include <mona/nlohmann.hpp>

#include <cmath>
#include <limits>

/* Its conversions to everything are no way into a field. */
static_assert(!std::is_constructible_v<mona::field, const char *, nlohmann::json>);
static_assert(!std::is_constructible_v<mona::field, const char *, nlohmann::ordered_json>);
static_assert(std::is_constructible_v<mona::field, const char *, mona::json_text>);

int main()
{
    const mona::client client = memory_client();
    const auto run = mona::context::make(client, {}, "c");
    const nlohmann::ordered_json event = {
        {"most", std::numeric_limits<std::uint64_t>::max()}, {"least", std::numeric_limits<std::int64_t>::min()},
        {"third", 1.0 / 3},  {"nan", std::nan("")}, {"text", "gr\xc3\xbcn"}, {"list", {1, nullptr, {{"a", true}}}}};
    EXPECT(run->send(mona::dumped(event)));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"most\":18446744073709551615,"
                              "\"least\":-9223372036854775808,\"third\":0.3333333333333333,\"nan\":null,"
                              "\"text\":\"gr\xc3\xbcn\",\"list\":[1,null,{\"a\":true}]}");
    EXPECT(run->send({{"score", 0.5}, {"items", mona::dumped(event["list"])}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"score\":0.5,\"items\":[1,null,{\"a\":true}]}");
    const nlohmann::json events = {{{"message", {{"a", 1}}}, {"context_id", "b"}}};
    const auto batch = client.send_batch(mona::dumped(events));
    EXPECT(batch && *batch == 1);
    EXPECT_SAME(sent(client), "\"context\":\"b\",\"message\":{\"a\":1}");
    EXPECT(run->send({{"v", mona::dumped(nlohmann::json("\xff!"))}}));
    EXPECT_SAME(sent(client), "\"context\":\"c\",\"message\":{\"v\":\"\xef\xbf\xbd!\"}");
    EXPECT(run->send(mona::dumped(nlohmann::json(nlohmann::json::value_t::discarded))) == MONA_E_JSON);
    EXPECT(run->send(mona::dumped(nlohmann::json(7))) == MONA_E_JSON);
    const auto kept = mona::dumped(nlohmann::json({{"x", 1}}));
    EXPECT(client.set_globals(kept));
    return failures != 0;
}
