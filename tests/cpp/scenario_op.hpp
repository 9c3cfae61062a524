/* An operation of a scenario: the words of a line, as what mona.hpp takes. */
#ifndef MONA_TESTS_SCENARIO_OP_HPP
#define MONA_TESTS_SCENARIO_OP_HPP

#include <mona.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

inline std::string decoded(const std::string &text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); at++) {
        if (text[at] == '%') {
            out += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

/* One operation. */
class op {
public:
    explicit op(const std::string &line)
    {
        std::size_t from = 0;
        while (from <= line.size()) {
            const std::size_t to = std::min(line.find('\t', from), line.size());
            const std::string word = line.substr(from, to - from);
            const std::size_t sign = word.find('=');
            words_[word.substr(0, sign)] = decoded(word.substr(sign + 1));
            from = to + 1;
        }
    }

    /* A text that may be missing. */
    mona::text text(const char *name) const
    {
        const auto found = words_.find(name);
        return found == words_.end() ? mona::text() : mona::text(found->second);
    }
    std::string word(const char *name) const
    {
        const auto found = words_.find(name);
        return found == words_.end() ? std::string() : found->second;
    }
    mona::json json(const char *name) const { return mona::json(text(name)); }
    /* A value of any kind: a letter for its type, a colon, and itself. */
    template <class Value>
    Value any(const char *name) const
    {
        const auto found = words_.find(name);
        if (found == words_.end()) {
            return {};
        }
        const std::string &said = found->second;
        const char *const rest = said.c_str() + 2;
        switch (said[0]) {
        case 's': return Value(rest);
        case 'i': return Value(std::strtoll(rest, nullptr, 10));
        case 'u': return Value(std::strtoull(rest, nullptr, 10));
        case 'f': return Value(std::strtod(rest, nullptr));
        case 'b': return Value(rest[0] == '1');
        case 'n': return Value(nullptr);
        default: return Value(mona::json(rest));
        }
    }
    /* The same for a thread, which has texts and seconds alone. */
    mona::text plain_class() const
    {
        const auto found = words_.find("class");
        return found == words_.end() || found->second[0] != 's' ? mona::text() : mona::text(found->second.c_str() + 2);
    }
    mona::timestamp plain_time() const
    {
        const std::string said = word("time");
        return mona::timestamp(said.size() > 2 ? std::strtod(said.c_str() + 2, nullptr) : 0.0);
    }

private:
    std::map<std::string, std::string> words_;
};

#endif
