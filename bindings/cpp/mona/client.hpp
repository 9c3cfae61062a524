/*
 * Clients: where events go, with a queue and a sender of their own.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_CLIENT_HPP
#define MONA_CLIENT_HPP

#include "field.hpp"
#include "options.hpp"
#include "status.hpp"
#include "time.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

class client;

/** A client that is owned elsewhere: a mona::client, or the default one. Copied like a pointer, used on any thread. */
class client_ref {
public:
    /** None: all calls answer MONA_E_ARGUMENT. */
    constexpr client_ref() noexcept = default;
    /** A client of the C interface, borrowed. */
    constexpr explicit client_ref(mona_client *handle) noexcept : handle_(handle) {}
    /** A client that is about to go is none to refer to. */
    client_ref(client &&) = delete;

    /** Whether there is a client. */
    constexpr explicit operator bool() const noexcept { return handle_ != nullptr; }
    /** The handle of the C interface. */
    constexpr mona_client *handle() const noexcept { return handle_; }

    /** Sets the globals, sent once after each new main context: one JSON object. */
    status set_globals(json object) const noexcept
    {
        return status(mona_client_set_globals(handle_, object.text().data(), object.text().size()));
    }
    /** No globals any more. */
    status set_globals(std::nullptr_t) const noexcept { return status(mona_client_set_globals(handle_, nullptr, 0)); }
    /** Switches the client off or on: the Big Red Button. */
    status set_disabled(bool disabled) const noexcept
    {
        return status(mona_client_set_disabled(handle_, disabled ? 1 : 0));
    }
    /** Whether the client is off, whoever switched it. */
    result<bool> is_disabled() const
    {
        std::int32_t found = 0;
        const status outcome(mona_client_is_disabled(handle_, &found));
        return result<bool>(outcome, found != 0);
    }
    /** Sends a JSON array of events, each in a context of its own. The value is the number accepted. */
    result<std::size_t> send_batch(json events) const
    {
        std::size_t accepted = 0;
        const status outcome(
            mona_client_export_batch(handle_, events.text().data(), events.text().size(), &accepted));
        return result<std::size_t>(outcome, accepted);
    }
    /** Waits until everything accepted before is delivered or spooled. */
    status flush(timeout longest) const noexcept { return status(mona_client_flush(handle_, longest.ms())); }
    /** Flushes, then stops the client for good. */
    status close(timeout longest) const noexcept { return status(mona_client_close(handle_, longest.ms())); }

    /** The counters. */
    result<mona_stats> stats() const
    {
        mona_stats found = {};
        found.size = sizeof found;
        const status outcome(mona_client_stats(handle_, &found));
        return result<mona_stats>(outcome, found);
    }
    /** The counters as one JSON object, for logs. */
    result<std::string> stats_text() const
    {
        return detail::text_of(detail::long_text, [this](char *buf, std::size_t cap, std::size_t *len) {
            return mona_client_stats_text(handle_, buf, cap, len);
        });
    }
    /** Every option, its value and where it came from, as one JSON object. */
    result<std::string> describe() const
    {
        return detail::text_of(detail::long_text, [this](char *buf, std::size_t cap, std::size_t *len) {
            return mona_client_describe(handle_, buf, cap, len);
        });
    }
    /** Tries the way to the collector. The value is the report, as a JSON array, also where a step went wrong. */
    result<std::string> check(timeout longest) const
    {
        return detail::text_of(detail::long_text, [this, longest](char *buf, std::size_t cap, std::size_t *len) {
            return mona_client_check(handle_, longest.ms(), buf, cap, len);
        });
    }
    /** Takes the oldest delivered record, as JSON, of a client whose endpoint is memory:. MONA_E_NOT_FOUND: none. */
    result<std::string> take() const
    {
        return detail::text_of(detail::usual_text, [this](char *buf, std::size_t cap, std::size_t *len) {
            return mona_client_take(handle_, buf, cap, len);
        });
    }
    /** Makes it the one that the calling thread's context uses. MONA_E_EXISTS: there is one, which stays. */
    status set_default() const noexcept { return status(mona_client_set_default(handle_)); }

protected:
    /** The handle, which only an owner changes. */
    mona_client *handle_ = nullptr;
};

/** The default client, made from the environment on first use; it goes with the process. None: see last_error(). */
inline client_ref default_client() noexcept { return client_ref(mona_client_default()); }

/** A client with its owner: freed in the destructor, which closes it with a time-out of a second if it is open. */
class client : public client_ref {
public:
    client(client &&other) noexcept : client_ref(std::exchange(other.handle_, nullptr)) {}
    client &operator=(client &&other) noexcept
    {
        client taken(std::move(other));
        std::swap(handle_, taken.handle_);
        return *this;
    }
    client(const client &) = delete;
    client &operator=(const client &) = delete;
    ~client()
    {
        if (handle_ != nullptr) {
            mona_client_free(handle_);
        }
    }

#if MONA_CPP_EXCEPTIONS
    /** From the environment. Throws mona::error where none can be made. */
    client() : client(options()) {}
    /** With options. Throws mona::error where none can be made. */
    explicit client(const options &with) { open(with).or_throw(); }
    /** With these options, or the first that is refused is thrown. */
    client(std::initializer_list<option> with) : client(options(with)) {}
#endif
    /** From the environment. */
    static result<client> make() { return make(options()); }
    /** With options. */
    static result<client> make(const options &with)
    {
        client made((owned(nullptr)));
        const status outcome = made.open(with);
        return result<client>(outcome, std::move(made));
    }
    /** With these options, or the first that is refused is answered. */
    static result<client> make(std::initializer_list<option> with)
    {
        options set;
        const status outcome = set.set(with);
        return outcome ? make(set) : result<client>(outcome, client(owned(nullptr)));
    }

    /** Takes over a client of the C interface. */
    static client adopt(mona_client *handle) noexcept { return client(owned(handle)); }
    /** Gives the client away, for mona_client_free(). */
    mona_client *release() noexcept { return std::exchange(handle_, nullptr); }

private:
    struct owned {
        explicit owned(mona_client *client) noexcept : handle(client) {}
        mona_client *handle;
    };

    explicit client(owned handle) noexcept : client_ref(handle.handle) {}

    status open(const options &with) noexcept
    {
        /* NULL would be no options at all; these are lacking. */
        return status(with.handle() == nullptr ? MONA_E_ARGUMENT : mona_client_new(with.handle(), &handle_));
    }
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
