/*
 * What is sent: fields by the types of their values, lists of them, and JSON as text.
 *
 * A value is of a type that says all there is to it: whole numbers and floating-point numbers that arrive exactly,
 * bool, text, nothing (nullptr, nullopt, a null pointer to char, an empty optional), JSON. Everything else is refused
 * by the compiler: long double and 128 bits, which would be cut; char and its kin, which may be a number or a text;
 * enumerations, whose numbers mean nothing to a reader (cast, or send the name); pointers, which would be true.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_FIELD_HPP
#define MONA_FIELD_HPP

#include "text.hpp"
#include "time.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** One JSON value as text, or for an event or a batch the whole of it. Only looked at: the text outlives the call. */
class json {
public:
    /** Of a text; no text is null. */
    explicit json(::mona::text text) noexcept : text_(text) {}

    /** The text. */
    ::mona::text text() const noexcept { return text_; }

private:
    ::mona::text text_;
};

namespace detail {

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>
#if defined(__cpp_char8_t)
    || std::is_same_v<T, char8_t>
#endif
    ;

/* Compilers with a 128-bit integer count it among the integral types or not, as they are told. */
template <class T>
inline constexpr bool is_whole =
    std::is_integral_v<T> && sizeof(T) <= sizeof(std::int64_t) && !std::is_same_v<T, bool> && !is_character<T>;

/* Shorter ones of C++23 fit into a double as float does. long double is refused even where it is a double. */
template <class T>
inline constexpr bool is_floating =
    std::is_floating_point_v<T> && sizeof(T) <= sizeof(double) && !std::is_same_v<T, long double>;

template <class T>
inline constexpr bool is_number = is_whole<T> || is_floating<T> || std::is_same_v<T, bool>;

template <class T>
inline constexpr bool is_null = std::is_null_pointer_v<T> || std::is_same_v<T, std::nullopt_t>;

template <class T>
inline constexpr bool is_text = std::is_convertible_v<const T &, text> && !is_null<T>;

template <class T>
inline constexpr bool is_json = std::is_convertible_v<const T &, json>;

template <class T>
inline constexpr bool is_value = is_number<T> || is_null<T> || is_text<T> || is_json<T>;
template <class T>
inline constexpr bool is_value<std::optional<T>> = is_value<T>;

/* What is not passed as it is. */
template <class T>
inline constexpr bool is_looked_at = is_value<T> && !is_number<T>;

inline mona_field make(const text &key, int32_t kind, const text &value) noexcept
{
    mona_field made = mona_field_of_(key.data(), key.size(), kind);
    made.value.text.ptr = value.data();
    made.value.text.len = value.size();
    return made;
}

template <class T, std::enable_if_t<is_number<T>, int> = 0>
mona_field make(const text &key, T value) noexcept
{
    if constexpr (std::is_same_v<T, bool>) {
        return mona_field_bool_(key.data(), key.size(), value ? 1 : 0);
    } else if constexpr (std::is_same_v<T, float>) {
        return mona_field_f32_(key.data(), key.size(), value);
    } else if constexpr (is_floating<T>) {
        return mona_field_f64_(key.data(), key.size(), static_cast<double>(value));
    } else if constexpr (std::is_signed_v<T>) {
        return mona_field_i64_(key.data(), key.size(), static_cast<std::int64_t>(value));
    } else {
        return mona_field_u64_(key.data(), key.size(), MONA_FIELD_U64, static_cast<std::uint64_t>(value));
    }
}

template <class T, std::enable_if_t<is_looked_at<T>, int> = 0>
mona_field make(const text &key, const T &value)
{
    if constexpr (is_null<T>) {
        return mona_field_u64_(key.data(), key.size(), MONA_FIELD_NULL, 0);
    } else if constexpr (is_json<T>) {
        const json converted = value;
        return make(key, MONA_FIELD_JSON, converted.text());
    } else if constexpr (is_text<T>) {
        return make(key, MONA_FIELD_STR, text(value));
    } else {
        if (!value.has_value()) {
            return make(key, nullptr);
        }
        return make(key, *value);
    }
}

} // namespace detail

/** One field of an event: a name and a value. Only looked at: its texts outlive the call that sends it. */
class field {
public:
    /** A number, true or false. */
    template <class T, std::enable_if_t<detail::is_number<T>, int> = 0>
    field(text key, T value) noexcept : raw_(detail::make(key, value))
    {
    }
    /* The type of NULL is one of these two; only of functions like these does a compiler say that it is no pointer. */
    /** A whole number. */
    field(text key, int value) noexcept : raw_(detail::make(key, value)) {}
    /** A whole number. */
    field(text key, long value) noexcept : raw_(detail::make(key, value)) {}
    /** A text, JSON, nothing, or an optional value. */
    template <class T, std::enable_if_t<detail::is_looked_at<T>, int> = 0>
    field(text key, const T &value) : raw_(detail::make(key, value))
    {
    }
    /** What does not arrive as it is, see above. */
    template <class T, std::enable_if_t<!detail::is_value<T>, int> = 0>
    field(text key, const T &value) = delete;
    /** A field of the C interface. */
    explicit field(const mona_field &raw) noexcept : raw_(raw) {}

    /** The field of the C interface. */
    const mona_field &raw() const noexcept { return raw_; }

private:
    mona_field raw_;
};

/** Fields that stand one after the other: of an array, std::array, std::vector, std::span, or what is like them. */
class fields {
public:
    /** By their place and number. */
    fields(const field *first, std::size_t count) noexcept
        : first_(first == nullptr ? nullptr : &first->raw()), count_(count)
    {
    }
    /** By their place and number. */
    fields(const mona_field *first, std::size_t count) noexcept : first_(first), count_(count) {}
    /** Of an array. */
    template <class Field, std::size_t count>
    fields(const Field (&list)[count]) noexcept : fields(static_cast<const Field *>(list), count)
    {
    }
    /** Of what has data() and size(). */
    template <class List, class = decltype(fields(std::declval<const List &>().data(), std::size_t()))>
    fields(const List &list) noexcept : fields(list.data(), list.size())
    {
    }
    /** Of a list in place. */
    explicit fields(std::initializer_list<field> list) noexcept : fields(list.begin(), list.size()) {}

    /** The first of them. */
    const mona_field *data() const noexcept { return first_; }
    /** Their number. */
    std::size_t size() const noexcept { return count_; }

private:
    static_assert(sizeof(field) == sizeof(mona_field) && std::is_standard_layout_v<field> &&
                      std::is_trivially_copyable_v<field>,
                  "an array of fields is one of the C interface");

    const mona_field *first_;
    std::size_t count_;
};

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
