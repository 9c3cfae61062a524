/*
 * How calls end: a status, a status with a value, and the exception made of a status.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_STATUS_HPP
#define MONA_STATUS_HPP

#include "text.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

namespace detail {

/*
 * Reads a text by a function of the C interface, `call(buf, cap, len)`; gives its status. `cap` is what is tried
 * first. What did not fit is asked for anew, whatever the status.
 */
template <class Call>
mona_status read(std::string &into, std::size_t cap, Call call)
{
    for (;;) {
        std::size_t len = 0;
        into.resize(cap);
        const mona_status status = call(into.data(), cap, &len);
        if (len < cap) {
            into.resize(len);
            return status;
        }
        cap = len + 1;
    }
}

/* Most ids, records and lines are shorter; a longer one costs a second call. */
inline constexpr std::size_t usual_text = 512;

/* Descriptions have some kilobytes, reports a few hundred bytes for each address; a second check would try anew. */
inline constexpr std::size_t long_text = 16384;

} // namespace detail

/** The detail of the last failing call of this thread, as mona_last_error() gives it. */
inline std::string last_error()
{
    std::string found;
    static_cast<void>(detail::read(found, detail::usual_text, mona_last_error));
    return found;
}

/** How a call ended: MONA_OK, or one of the MONA_E_ numbers. True where it is MONA_OK. */
class [[nodiscard]] status {
public:
    /** MONA_OK. */
    constexpr status() noexcept = default;
    /** A status of the C interface. */
    constexpr explicit status(mona_status value) noexcept : value_(value) {}

    /** Whether it is MONA_OK. */
    constexpr explicit operator bool() const noexcept { return value_ == MONA_OK; }
    /** The number. */
    constexpr mona_status value() const noexcept { return value_; }
    /** One English sentence about the number. */
    const char *text() const noexcept { return mona_status_text(value_); }
    /** What was given, found and expected; "" for MONA_OK. To be read on the thread of the call, before it fails again. */
    std::string detail() const { return value_ == MONA_OK ? std::string() : last_error(); }
    /** Says that a failure is of no interest here. It is counted and in the log all the same. */
    constexpr void ignore() const noexcept {}
#if MONA_CPP_EXCEPTIONS
    /** Throws mona::error where it is not MONA_OK. On the thread of the call. */
    void or_throw() const;
#endif

    friend constexpr bool operator==(status a, status b) noexcept { return a.value_ == b.value_; }
    friend constexpr bool operator==(status a, mona_status b) noexcept { return a.value_ == b; }
#if !defined(__cpp_impl_three_way_comparison)
    friend constexpr bool operator==(mona_status a, status b) noexcept { return a == b.value_; }
    friend constexpr bool operator!=(status a, status b) noexcept { return a.value_ != b.value_; }
    friend constexpr bool operator!=(status a, mona_status b) noexcept { return a.value_ != b; }
    friend constexpr bool operator!=(mona_status a, status b) noexcept { return a != b.value_; }
#endif

private:
    mona_status value_ = MONA_OK;
};

#if MONA_CPP_EXCEPTIONS
/** A call that failed, thrown by constructors and by what says so. */
class error : public std::runtime_error {
public:
    /** Of a call that just failed on this thread. */
    explicit error(::mona::status status) : error(status, last_error()) {}

    /** How the call ended. */
    ::mona::status status() const noexcept { return status_; }
    /** What was given, found and expected. */
    const std::string &detail() const noexcept { return detail_; }

private:
    error(::mona::status status, const std::string &detail)
        : std::runtime_error(detail.empty() ? std::string(status.text()) : detail), status_(status), detail_(detail)
    {
    }

    ::mona::status status_;
    std::string detail_;
};

inline void status::or_throw() const
{
    if (value_ != MONA_OK) {
        throw error(*this);
    }
}
#endif

/** A status with a value. There is always a value: where the call failed, an empty one if nothing else is said. */
template <class T>
class [[nodiscard]] result {
public:
    /** Both. */
    result(::mona::status status, T value) : status_(status), value_(std::move(value)) {}

    /** Whether the status is MONA_OK. */
    explicit operator bool() const noexcept { return static_cast<bool>(status_); }
    /** How the call ended. */
    ::mona::status status() const noexcept { return status_; }
    /** The value. */
    T &operator*() & noexcept { return value_; }
    /** The value. */
    const T &operator*() const & noexcept { return value_; }
    /** The value, to be moved out. */
    T &&operator*() && noexcept { return std::move(value_); }
    /** The value. */
    T *operator->() noexcept { return &value_; }
    /** The value. */
    const T *operator->() const noexcept { return &value_; }
#if MONA_CPP_EXCEPTIONS
    /** The value; throws mona::error where the status is not MONA_OK. On the thread of the call. */
    T &value() &
    {
        status_.or_throw();
        return value_;
    }
    /** The same, to be moved out. */
    T &&value() &&
    {
        status_.or_throw();
        return std::move(value_);
    }
#endif

private:
    ::mona::status status_;
    T value_;
};

namespace detail {

/* What read() gives, as a result. */
template <class Call>
result<std::string> text_of(std::size_t cap, Call call)
{
    std::string found;
    const status outcome(read(found, cap, call));
    return result<std::string>(outcome, std::move(found));
}

} // namespace detail

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
