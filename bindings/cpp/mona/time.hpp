/*
 * Durations and points in time, as the library takes them.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_TIME_HPP
#define MONA_TIME_HPP

#include "text.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** A time-out: any duration, rounded up to milliseconds; from 0 to the most the library takes, 49 days. */
class timeout {
public:
    /** Of a duration; one that is negative or not a number is 0. */
    template <class Rep, class Period>
    constexpr timeout(const std::chrono::duration<Rep, Period> &time) noexcept : ms_(ms_of(time))
    {
    }

    /** The milliseconds. */
    constexpr std::uint32_t ms() const noexcept { return ms_; }

private:
    template <class Rep, class Period>
    static constexpr std::uint32_t ms_of(const std::chrono::duration<Rep, Period> &time) noexcept
    {
        constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
        /* Not duration_cast to whole milliseconds: hours::max() would overflow. */
        const double ms = std::chrono::duration<double, std::milli>(time).count();
        if (!(ms > 0)) {
            return 0;
        }
        if (ms >= static_cast<double>(most)) {
            return most;
        }
        const std::uint32_t whole = static_cast<std::uint32_t>(ms);
        return static_cast<double>(whole) < ms ? whole + 1 : whole;
    }

    std::uint32_t ms_;
};

/** When something happened; "now" if nothing is given. A point at 1970-01-01 00:00:00 UTC itself means "now" too. */
class timestamp {
public:
    /** Now. */
    constexpr timestamp() noexcept = default;
    /** Of a point of the system's clock. */
    template <class Duration>
    constexpr timestamp(const std::chrono::time_point<std::chrono::system_clock, Duration> &time) noexcept
        : seconds_(std::chrono::duration<double>(time.time_since_epoch()).count())
    {
    }
    /** Of seconds since the Unix epoch, or MONA_NOW. */
    constexpr explicit timestamp(double seconds) noexcept : seconds_(seconds) {}

    /** The seconds since the Unix epoch, or MONA_NOW. */
    constexpr double seconds() const noexcept { return seconds_; }

private:
    double seconds_ = MONA_NOW;
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
