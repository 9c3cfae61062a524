/* What a thread of a scenario has, and its operations: scopes of its own, or a stack. */
#ifndef MONA_TESTS_SCENARIO_HAND_HPP
#define MONA_TESTS_SCENARIO_HAND_HPP

#include "scenario_op.hpp"

#include <memory>
#include <optional>

struct outcome {
    mona::status status;
    std::optional<std::string> text;
};

/* The sub id that was pushed onto the context `above`; empty when none was. */
inline std::string pushed(const std::string &above, const std::string &now)
{
    return now.size() > above.size() && now.compare(0, above.size(), above) == 0 ? now.substr(above.size() + 1) : "";
}

/* What a thread has, and its operations. */
class hand {
public:
    hand() = default;
    hand(const hand &) = delete;
    hand &operator=(const hand &) = delete;
    virtual ~hand() = default;
    virtual std::string id() const = 0;
    virtual mona::status leave(const std::string &handle) = 0;
    virtual outcome perform(const std::string &name, const op &what) = 0;
};

class current_hand final : public hand {
public:
    std::string id() const override { return mona::current::id(); }
    mona::status leave(const std::string &handle) override
    {
        const auto main = scopes_.find(handle);
        if (main != scopes_.end()) {
            return main->second->leave();
        }
        const auto sub = sub_scopes_.find(handle);
        return sub == sub_scopes_.end() ? mona::status(MONA_E_NOT_FOUND) : sub->second->leave();
    }
    outcome perform(const std::string &name, const op &what) override
    {
        namespace current = mona::current;
        const std::string above = id();
        if (name == "init") {
            const auto status = current::open(what.plain_class(), what.text("id"), what.plain_time());
            return {status, id()};
        }
        if (name == "new_context_enter") {
            auto &made = scopes_[what.word("handle")];
            made = std::make_unique<mona::scope>(what.plain_class(), what.text("id"), what.plain_time());
            return {made->status(), id()};
        }
        if (name == "init_sub_context") {
            const auto status = current::open_sub(what.plain_class(), what.text("id"));
            return {status, pushed(above, id())};
        }
        if (name == "new_sub_context_enter") {
            auto &made = sub_scopes_[what.word("handle")];
            made = std::make_unique<mona::sub_scope>(what.plain_class(), what.text("id"));
            return {made->status(), pushed(above, id())};
        }
        if (name == "close_sub_context") {
            const auto status = current::close_sub(what.text("id"));
            return {status, id()};
        }
        if (name == "reset") {
            return {current::reset(), {}};
        }
        if (name == "export") {
            return {current::send(what.json("message"), what.plain_time()), {}};
        }
        return {current::send_batch(what.json("events")).status(), {}};
    }

private:
    std::map<std::string, std::unique_ptr<mona::scope>> scopes_;
    std::map<std::string, std::unique_ptr<mona::sub_scope>> sub_scopes_;
};

class stack_hand final : public hand {
public:
    std::string id() const override { return stack_.id(); }
    mona::status leave(const std::string &handle) override { return stack_.leave(scopes_[handle]); }
    outcome perform(const std::string &name, const op &what) override
    {
        const std::string above = id();
        const auto arc_class = what.any<mona::value>("class");
        const auto time = what.any<mona::any_time>("time");
        if (name == "init") {
            const auto status = stack_.open(arc_class, what.text("id"), time);
            return {status, id()};
        }
        if (name == "new_context_enter") {
            const auto entered = stack_.enter(arc_class, what.text("id"), time);
            scopes_[what.word("handle")] = *entered;
            return {entered.status(), id()};
        }
        if (name == "init_sub_context") {
            const auto status = stack_.open_sub(arc_class, what.text("id"));
            return {status, pushed(above, id())};
        }
        if (name == "new_sub_context_enter") {
            const auto entered = stack_.enter_sub(arc_class, what.text("id"));
            scopes_[what.word("handle")] = *entered;
            return {entered.status(), pushed(above, id())};
        }
        if (name == "close_sub_context") {
            const auto status = stack_.close_sub(what.text("id"));
            return {status, id()};
        }
        if (name == "reset") {
            return {stack_.reset(), {}};
        }
        if (name == "export") {
            return {stack_.send(what.json("message"), time), {}};
        }
        return {stack_.send_batch(what.json("events")).status(), {}};
    }

private:
    mona::stack stack_;
    std::map<std::string, std::uint64_t> scopes_;
};

#endif
