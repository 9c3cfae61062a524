/*
 * The calling thread's context, for code deep inside a program that has no handle at hand. It uses the default client.
 *
 * It belongs to the operating-system thread. Coroutines and other tasks that take turns on threads, or move from one
 * to another, would mix theirs: they keep a mona::stack. In particular no scope may live across a co_await.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_CURRENT_HPP
#define MONA_CURRENT_HPP

#include "field.hpp"
#include "status.hpp"
#include "time.hpp"

#include <cstdint>
#include <string>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

namespace detail {

/* What scope and sub_scope have in common: a number that is left once, on the thread that entered. */
class thread_scope {
public:
    thread_scope(const thread_scope &) = delete;
    thread_scope &operator=(const thread_scope &) = delete;

    /** How entering ended. Where it failed nothing was opened, and leaving does nothing. */
    ::mona::status status() const noexcept { return entered_; }
    /** Leaves now and not at the end of the block; once more does nothing. */
    ::mona::status leave() noexcept
    {
        if (has_left_) {
            return ::mona::status();
        }
        has_left_ = true;
        return ::mona::status(mona_current_leave(scope_));
    }

protected:
    thread_scope() noexcept = default;
    ~thread_scope() { leave().ignore(); }

    std::uint64_t scope_ = 0;
    ::mona::status entered_;

private:
    bool has_left_ = false;
};

} // namespace detail

/** A main context of this thread until the end of the block, also when an exception ends it. */
class [[nodiscard]] scope : public detail::thread_scope {
public:
    /** Enters; inside another scope it joins that. Never throws: status() says how it ended. */
    [[nodiscard]] explicit scope(text arc_class = {}, text context_id = {}, timestamp time = {}) noexcept
    {
        entered_ = ::mona::status(mona_current_enter(arc_class.data(), arc_class.size(), context_id.data(),
                                                     context_id.size(), time.seconds(), &scope_));
    }
};

/** A sub-context of this thread until the end of the block. */
class [[nodiscard]] sub_scope : public detail::thread_scope {
public:
    /** Enters; MONA_E_NO_CONTEXT where none is open. Never throws: status() says how it ended. */
    [[nodiscard]] explicit sub_scope(text arc_class = {}, text sub_context_id = {}) noexcept
    {
        entered_ = ::mona::status(mona_current_enter_sub(arc_class.data(), arc_class.size(), sub_context_id.data(),
                                                         sub_context_id.size(), &scope_));
    }
};

namespace current {

/** Sends one event: `{{"confidence", 0.97}, {"label", "cat"}}`. */
inline status send(fields event, timestamp time = {}) noexcept
{
    return status(mona_current_export_fields(event.data(), event.size(), time.seconds()));
}
/** Sends one event of fields that stand in an array or vector. */
inline status send(std::initializer_list<field> event, timestamp time = {}) noexcept
{
    return send(fields(event), time);
}
/** Sends one event, a JSON object. */
inline status send(json event, timestamp time = {}) noexcept
{
    return status(mona_current_export(event.text().data(), event.text().size(), time.seconds()));
}
/** Sends a JSON array of events, each in a scope of its own. The value is the number accepted. */
inline result<std::size_t> send_batch(json events)
{
    std::size_t accepted = 0;
    const status outcome(mona_current_export_batch(events.text().data(), events.text().size(), &accepted));
    return result<std::size_t>(outcome, accepted);
}

/** The full id; "" when no context is open, and while disabled. */
inline std::string id()
{
    return *detail::text_of(detail::usual_text, mona_current_id);
}

/** Opens a main context without a matching leave. */
inline status open(text arc_class = {}, text context_id = {}, timestamp time = {}) noexcept
{
    return status(mona_current_open(arc_class.data(), arc_class.size(), context_id.data(), context_id.size(),
                                    time.seconds()));
}
/** Opens a sub-context without a matching leave. */
inline status open_sub(text arc_class = {}, text sub_context_id = {}) noexcept
{
    return status(mona_current_open_sub(arc_class.data(), arc_class.size(), sub_context_id.data(),
                                        sub_context_id.size()));
}
/** Closes a sub-context and everything inside it; without an id the last one. */
inline status close_sub(text sub_context_id = {}) noexcept
{
    return status(mona_current_close_sub(sub_context_id.data(), sub_context_id.size()));
}
/** Forgets the context. */
inline status reset() noexcept { return status(mona_current_reset()); }

} // namespace current

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
