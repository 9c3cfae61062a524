/*
 * The log of the library.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_LOG_HPP
#define MONA_LOG_HPP

#include "status.hpp"

#include <cstdint>
#include <string>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** A line of the log. */
struct log_line {
    /** One of the MONA_LOG_ numbers. */
    std::int32_t level = 0;
    /** The line, without a line break. */
    std::string text;
};

/** Takes the oldest waiting line; MONA_E_NOT_FOUND: none. */
inline result<log_line> log_take()
{
    log_line line;
    std::int32_t level = 0;
    const status outcome(detail::read(line.text, detail::usual_text,
                                      [&level](char *buf, std::size_t cap, std::size_t *len) {
                                          return mona_log_take(&level, buf, cap, len);
                                      }));
    line.level = level;
    return result<log_line>(outcome, std::move(line));
}

/** Sets the least important level that is logged, by all clients of the process. */
inline status log_set_level(std::int32_t level) noexcept { return status(mona_log_set_level(level)); }

/** Sets the function that gets every line, or takes it away. It must not throw; mona_log_fn says what else it minds. */
inline status log_set_callback(mona_log_fn function, void *user_data = nullptr) noexcept
{
    return status(mona_log_set_callback(function, user_data));
}

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
