/*
 * Options for a new client, by the names in OPTIONS.md.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_OPTIONS_HPP
#define MONA_OPTIONS_HPP

#include "field.hpp"
#include "status.hpp"
#include "time.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** The name of an option with its value. */
class option {
public:
    /** A text, as OPTIONS.md has it. */
    template <class T, std::enable_if_t<detail::is_text<T>, int> = 0>
    option(text name, const T &value) : name_(name), value_(value)
    {
    }
    /** True, false, or a whole number. */
    template <class T, std::enable_if_t<std::is_same_v<T, bool> || detail::is_whole<T>, int> = 0>
    option(text name, T value) : name_(name), made_(written(value)), is_made_(true)
    {
    }
    /** For options that end in _ms: a duration, rounded up. */
    template <class Rep, class Period>
    option(text name, const std::chrono::duration<Rep, Period> &value) : option(name, timeout(value).ms())
    {
    }

    /** The name. */
    const text &name() const noexcept { return name_; }
    /** The value. */
    text value() const noexcept { return is_made_ ? text(made_) : value_; }

private:
    template <class T>
    static std::string written(T value)
    {
        if constexpr (std::is_same_v<T, bool>) {
            return value ? "true" : "false";
        } else {
            return std::to_string(value);
        }
    }

    text name_;
    text value_;
    std::string made_;
    bool is_made_ = false;
};

/** Options for a new client. What is not set comes from the environment, the configuration file, or is the default. */
class options {
public:
    /** None yet. */
    options() noexcept : handle_(mona_options_new()) {}
    options(options &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    options &operator=(options &&other) noexcept
    {
        options taken(std::move(other));
        std::swap(handle_, taken.handle_);
        return *this;
    }
    options(const options &) = delete;
    options &operator=(const options &) = delete;
    ~options()
    {
        if (handle_ != nullptr) {
            mona_options_free(handle_);
        }
    }

#if MONA_CPP_EXCEPTIONS
    /** Those of the list; throws mona::error for the first that is refused. */
    options(std::initializer_list<option> list) : options() { set(list).or_throw(); }
#endif
    /** Those of the list, up to the first that is refused. */
    static result<options> make(std::initializer_list<option> list)
    {
        options made;
        const status outcome = made.set(list);
        return result<options>(outcome, std::move(made));
    }

    /** Sets one option. */
    status set(const option &one) noexcept
    {
        const text value = one.value();
        return status(
            mona_options_set(handle_, one.name().data(), one.name().size(), value.data(), value.size()));
    }
    /** Sets one option. */
    template <class T>
    status set(text name, const T &value)
    {
        return set(option(name, value));
    }
    /** Sets one after the other, up to the first that is refused. */
    status set(std::initializer_list<option> list) noexcept
    {
        for (const option &one : list) {
            const status outcome = set(one);
            if (!outcome) {
                return outcome;
            }
        }
        return status();
    }

    /** The handle of the C interface, still owned here; NULL when moved from. */
    mona_options *handle() const noexcept { return handle_; }

private:
    mona_options *handle_;
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
