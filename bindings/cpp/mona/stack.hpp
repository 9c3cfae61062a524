/*
 * The context of a task, as a value: for coroutines, jobs of a thread pool, fibers, and whatever else takes turns on
 * threads or moves from one to another. A task keeps a mona::stack of its own where it keeps its other variables; a
 * task that it starts gets a copy.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_STACK_HPP
#define MONA_STACK_HPP

#include "client.hpp"
#include "field.hpp"
#include "status.hpp"
#include "time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** A value of any type that a field takes, without a name. */
class value {
public:
    /** Nothing. */
    value() noexcept : value(nullptr) {}
    /** Of what a field takes. */
    template <class T, std::enable_if_t<detail::is_value<T>, int> = 0>
    value(const T &of) : raw_(detail::make(text(""), of))
    {
    }

    /** A field of the C interface with this value. */
    const mona_field &raw() const noexcept { return raw_; }

private:
    mona_field raw_;
};

/** A timestamp, or any value in its place: one that is impossible as a time is reported in the record. */
class any_time : public value {
public:
    /** Now. */
    any_time() noexcept = default;
    /** A timestamp. */
    any_time(timestamp time) : value(time.seconds()) {}
    /** A point of the system's clock. */
    template <class Duration>
    any_time(const std::chrono::time_point<std::chrono::system_clock, Duration> &time) : any_time(timestamp(time))
    {
    }
    /** Of what a field takes. */
    template <class T, std::enable_if_t<detail::is_value<T>, int> = 0>
    any_time(const T &of) : value(of)
    {
    }
};

/**
 * The stack of contexts of a task. What moves it changes this object alone; a copy goes on with what it has. Copies
 * share what they have in common, so copying is cheap, and each may be used on a thread of its own, also after fork().
 */
class stack {
public:
    /** Empty: no context is open. */
    stack() noexcept = default;

    /**
     * Enters a main context; inside another enter it joins. The value is the scope for leave(), also where it failed.
     * Without a client it is of the default one. stack_scope leaves by itself.
     */
    result<std::uint64_t> enter(const value &arc_class = {}, text context_id = {}, const any_time &time = {},
                                client_ref client = {})
    {
        std::uint64_t scope = 0;
        mona_stack *to = nullptr;
        const status outcome(mona_stack_enter(client.handle(), handle(), &arc_class.raw(), context_id.data(),
                                              context_id.size(), &time.raw(), &scope, &to));
        become(to);
        return result<std::uint64_t>(outcome, scope);
    }
    /** Enters a sub-context; MONA_E_NO_CONTEXT where none is open. */
    result<std::uint64_t> enter_sub(const value &arc_class = {}, text sub_context_id = {})
    {
        std::uint64_t scope = 0;
        mona_stack *to = nullptr;
        const status outcome(mona_stack_enter_sub(handle(), &arc_class.raw(), sub_context_id.data(),
                                                  sub_context_id.size(), &scope, &to));
        become(to);
        return result<std::uint64_t>(outcome, scope);
    }
    /** Closes what that enter opened, and everything inside it. A scope that is not open here does nothing. */
    status leave(std::uint64_t scope)
    {
        mona_stack *to = nullptr;
        const status outcome(mona_stack_leave(handle(), scope, &to));
        become(to);
        return outcome;
    }

    /** Opens a main context without a matching leave. */
    status open(const value &arc_class = {}, text context_id = {}, const any_time &time = {}, client_ref client = {})
    {
        mona_stack *to = nullptr;
        const status outcome(mona_stack_open(client.handle(), handle(), &arc_class.raw(), context_id.data(),
                                             context_id.size(), &time.raw(), &to));
        become(to);
        return outcome;
    }
    /** Opens a sub-context without a matching leave. */
    status open_sub(const value &arc_class = {}, text sub_context_id = {})
    {
        mona_stack *to = nullptr;
        const status outcome(mona_stack_open_sub(handle(), &arc_class.raw(), sub_context_id.data(),
                                                 sub_context_id.size(), &to));
        become(to);
        return outcome;
    }
    /** Closes a sub-context and everything inside it; without an id the last one. */
    status close_sub(text sub_context_id = {})
    {
        mona_stack *to = nullptr;
        const status outcome(mona_stack_close_sub(handle(), sub_context_id.data(), sub_context_id.size(), &to));
        become(to);
        return outcome;
    }
    /** Forgets the context. Inside an enter, nothing can be opened or sent until its leave. */
    status reset()
    {
        mona_stack *to = nullptr;
        const status outcome(mona_stack_reset(handle(), &to));
        become(to);
        return outcome;
    }

    /** The full id; "" when no context is open, and while disabled. */
    std::string id() const
    {
        return *detail::text_of(detail::usual_text, [this](char *buf, std::size_t cap, std::size_t *len) {
            return mona_stack_id(handle(), buf, cap, len);
        });
    }

    /** Sends one event: `{{"confidence", 0.97}, {"label", "cat"}}`. */
    status send(std::initializer_list<field> event, const any_time &time = {}) const noexcept
    {
        return send(fields(event), time);
    }
    /** Sends one event of fields that stand in an array or vector. */
    status send(fields event, const any_time &time = {}) const noexcept
    {
        return status(mona_stack_export_fields(handle(), event.data(), event.size(), &time.raw(), nullptr));
    }
    /** Sends one event, a JSON object. */
    status send(json event, const any_time &time = {}) const noexcept
    {
        return status(
            mona_stack_export(handle(), event.text().data(), event.text().size(), &time.raw(), nullptr));
    }
    /**
     * Sends a JSON array of events, each in an enter of its own: inside an enter they join it, and a context that was
     * opened without one is lost. The value is the number accepted.
     */
    result<std::size_t> send_batch(json events, client_ref client = {})
    {
        std::size_t accepted = 0;
        const status outcome(mona_stack_export_batch(client.handle(), handle(), events.text().data(),
                                                     events.text().size(), &accepted));
        mona_stack *protection = nullptr;
        if (accepted > 0 && mona_stack_reset(handle(), &protection) == MONA_OK && protection == nullptr) {
            become(nullptr);
        }
        mona_stack_free(protection);
        return result<std::size_t>(outcome, accepted);
    }

    /** The handle of the C interface, still owned here; NULL is the empty stack. */
    mona_stack *handle() const noexcept { return shared_.get(); }

private:
    struct freeing {
        void operator()(mona_stack *stack) const noexcept { mona_stack_free(stack); }
    };

    void become(mona_stack *to)
    {
        if (to == nullptr) {
            shared_.reset();
        } else {
            shared_.reset(to, freeing());
        }
    }

    std::shared_ptr<mona_stack> shared_;
};

namespace detail {

/* What stack_scope and stack_sub_scope have in common. */
class task_scope {
public:
    task_scope(const task_scope &) = delete;
    task_scope &operator=(const task_scope &) = delete;

    /** How entering ended. Where it failed nothing was opened, and leaving does nothing. */
    ::mona::status status() const noexcept { return entered_.status(); }
    /** Leaves now and not at the end of the block; once more does nothing. */
    ::mona::status leave() { return stack_.leave(*entered_); }

protected:
    task_scope(stack &of, result<std::uint64_t> entered) : stack_(of), entered_(std::move(entered)) {}
    ~task_scope() { leave().ignore(); }

private:
    stack &stack_;
    result<std::uint64_t> entered_;
};

} // namespace detail

/** A main context of a stack until the end of the block, on whichever thread that comes. The stack outlives it. */
class [[nodiscard]] stack_scope : public detail::task_scope {
public:
    /** Enters; status() says how it ended. */
    [[nodiscard]] explicit stack_scope(stack &of, const value &arc_class = {}, text context_id = {},
                                       const any_time &time = {}, client_ref client = {})
        : task_scope(of, of.enter(arc_class, context_id, time, client))
    {
    }
};

/** A sub-context of a stack until the end of the block. */
class [[nodiscard]] stack_sub_scope : public detail::task_scope {
public:
    /** Enters; status() says how it ended. */
    [[nodiscard]] explicit stack_sub_scope(stack &of, const value &arc_class = {}, text sub_context_id = {})
        : task_scope(of, of.enter_sub(arc_class, sub_context_id))
    {
    }
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
