/*
 * Values of nlohmann::json, where a program has them. Not included by mona.hpp.
 *
 *   run.send(mona::dumped(event));                            // a whole event, an object
 *   run.send({{"score", 0.9}, {"items", mona::dumped(list)}});  // one field of it
 *   client.send_batch(mona::dumped(events));                  // an array of events
 *
 * Whole numbers go out exactly, floating-point numbers with the digits that give them back. JSON has no NaN and no
 * infinities: nlohmann::json writes null for them. Text that is not UTF-8 has U+FFFD for what is wrong in it, because
 * the alternative is an exception out of a call that only tells. What nlohmann::json calls discarded is MONA_E_JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_NLOHMANN_HPP
#define MONA_NLOHMANN_HPP

#include "field.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** JSON text that is kept here, and taken wherever mona::json is. */
class json_text {
public:
    /** Of a text. */
    explicit json_text(std::string text) noexcept : text_(std::move(text)) {}

    /** The text. */
    const std::string &text() const noexcept { return text_; }
    /** To be sent, while this lives. */
    operator json() const noexcept { return json(text_); }

private:
    std::string text_;
};

/** The text of a value. */
template <class Json, class = decltype(Json::error_handler_t::replace)>
json_text dumped(const Json &value)
{
    return json_text(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
