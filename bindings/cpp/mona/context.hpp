/*
 * Contexts as handles, for code that can pass one along.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_CONTEXT_HPP
#define MONA_CONTEXT_HPP

#include "client.hpp"
#include "field.hpp"
#include "status.hpp"
#include "time.hpp"

#include <string>
#include <utility>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** A context, one run of an algorithm. It never changes; many threads may send in it at once. */
class context {
public:
    context(context &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    context &operator=(context &&other) noexcept
    {
        context taken(std::move(other));
        std::swap(handle_, taken.handle_);
        return *this;
    }
    context(const context &) = delete;
    context &operator=(const context &) = delete;
    ~context()
    {
        if (handle_ != nullptr) {
            mona_context_free(handle_);
        }
    }

#if MONA_CPP_EXCEPTIONS
    /** Opens a main context. Without an id it has a new unique one. Throws mona::error. */
    explicit context(client_ref client, text arc_class = {}, text context_id = {}, timestamp time = {})
    {
        open(client, arc_class, context_id, time).or_throw();
    }
    /** Opens a sub-context, which may outlive this one. Throws mona::error. */
    context sub(text arc_class = {}, text sub_context_id = {}) const
    {
        return make_sub(arc_class, sub_context_id).value();
    }
#endif
    /** Opens a main context. Without an id it has a new unique one. */
    static result<context> make(client_ref client, text arc_class = {}, text context_id = {}, timestamp time = {})
    {
        context made((owned(nullptr)));
        const status outcome = made.open(client, arc_class, context_id, time);
        return result<context>(outcome, std::move(made));
    }
    /** Opens a sub-context, which may outlive this one. */
    result<context> make_sub(text arc_class = {}, text sub_context_id = {}) const
    {
        context made((owned(nullptr)));
        const status outcome(mona_context_new_sub(handle_, arc_class.data(), arc_class.size(), sub_context_id.data(),
                                                  sub_context_id.size(), &made.handle_));
        return result<context>(outcome, std::move(made));
    }

    /** Sends one event: `{{"confidence", 0.97}, {"label", "cat"}}`. */
    status send(std::initializer_list<field> event, timestamp time = {}) const noexcept
    {
        return send(fields(event), time);
    }
    /** Sends one event of fields that stand in an array or vector. */
    status send(fields event, timestamp time = {}) const noexcept
    {
        return status(mona_context_export_fields(handle_, event.data(), event.size(), time.seconds()));
    }
    /** Sends one event, a JSON object. */
    status send(json event, timestamp time = {}) const noexcept
    {
        return status(mona_context_export(handle_, event.text().data(), event.text().size(), time.seconds()));
    }

    /** The full id; "" while disabled. */
    std::string id() const
    {
        return *detail::text_of(detail::usual_text, [this](char *buf, std::size_t cap, std::size_t *len) {
            return mona_context_id(handle_, buf, cap, len);
        });
    }

    /** Whether there is a context. */
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    /** The handle of the C interface, still owned here. */
    mona_context *handle() const noexcept { return handle_; }
    /** Takes over a context of the C interface. */
    static context adopt(mona_context *handle) noexcept { return context(owned(handle)); }
    /** Gives the context away, for mona_context_free(). */
    mona_context *release() noexcept { return std::exchange(handle_, nullptr); }

private:
    struct owned {
        explicit owned(mona_context *context) noexcept : handle(context) {}
        mona_context *handle;
    };

    explicit context(owned handle) noexcept : handle_(handle.handle) {}

    status open(client_ref client, text arc_class, text context_id, timestamp time) noexcept
    {
        return status(mona_context_new(client.handle(), arc_class.data(), arc_class.size(), context_id.data(),
                                       context_id.size(), time.seconds(), &handle_));
    }

    mona_context *handle_ = nullptr;
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
