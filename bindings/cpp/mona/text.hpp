/*
 * Text that goes into the library, and what all headers of mona.hpp share.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_TEXT_HPP
#define MONA_TEXT_HPP

#include <mona.h>

#include <cstddef>
#include <string_view>
#include <type_traits>

#if !defined(__cpp_deduction_guides) || __cpp_deduction_guides < 201703L
#error "mona.hpp needs C++17 or later"
#endif

/* Whether the constructors are there that throw. */
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define MONA_CPP_EXCEPTIONS 1
#else
#define MONA_CPP_EXCEPTIONS 0
#endif

/* Libraries made with different versions of these headers may meet in one process: each has its own names. */
#define MONA_CPP_NAME_OF_(major, minor) v##major##_##minor
#define MONA_CPP_NAME_(major, minor) MONA_CPP_NAME_OF_(major, minor)
#define MONA_CPP_VERSION_ MONA_CPP_NAME_(MONA_VERSION_MAJOR, MONA_VERSION_MINOR)

namespace mona {
inline namespace MONA_CPP_VERSION_ {

namespace detail {

/* The length of a text that is known when compiling is not counted again in each call. */
inline std::size_t length_of(const char *text) noexcept
{
#if defined(__GNUC__)
    if (text != nullptr && __builtin_constant_p(__builtin_strlen(text))) {
        return __builtin_strlen(text);
    }
#endif
    return MONA_NTS;
}

template <class T>
inline constexpr bool is_viewed =
    std::is_convertible_v<const T &, std::string_view> && !std::is_convertible_v<const T &, const char *>;

#if defined(__cpp_char8_t)
template <class T>
inline constexpr bool is_viewed_u8 =
    std::is_convertible_v<const T &, std::u8string_view> && !std::is_convertible_v<const T &, const char8_t *>;
#endif

} // namespace detail

/** Text in UTF-8 that is only looked at. A null pointer is no text: what may be missing is missing. */
class text {
public:
    /** No text. */
    constexpr text() noexcept = default;
    /** No text. */
    constexpr text(std::nullptr_t) noexcept {}
    /** Text that ends at its NUL; a null pointer is no text. */
    text(const char *ends_in_nul) noexcept : data_(ends_in_nul), size_(detail::length_of(ends_in_nul)) {}
    /** Text of a std::string, a std::string_view, or of what converts to one; without any characters it is "". */
    template <class T, std::enable_if_t<detail::is_viewed<T>, int> = 0>
    text(const T &viewed) : text(std::string_view(viewed), of_view())
    {
    }
#if defined(__cpp_char8_t)
    /** The same for char8_t. */
    text(const char8_t *ends_in_nul) noexcept : text(reinterpret_cast<const char *>(ends_in_nul)) {}
    /** The same for char8_t. */
    template <class T, std::enable_if_t<detail::is_viewed_u8<T>, int> = 0>
    text(const T &viewed) : text(std::u8string_view(viewed), of_view())
    {
    }
#endif

    /** Where it begins; NULL: no text. */
    constexpr const char *data() const noexcept { return data_; }
    /** Its bytes, or MONA_NTS. */
    constexpr std::size_t size() const noexcept { return size_; }

private:
    struct of_view {};

    text(std::string_view view, of_view) noexcept
        : data_(view.data() == nullptr ? "" : view.data()), size_(view.size())
    {
    }
#if defined(__cpp_char8_t)
    text(std::u8string_view view, of_view) noexcept
        : text(std::string_view(reinterpret_cast<const char *>(view.data()), view.size()), of_view())
    {
    }
#endif

    const char *data_ = nullptr;
    std::size_t size_ = 0;
};

/** The version of the library that is loaded, such as "0.1.0". */
inline const char *version() noexcept { return mona_version(); }

/** Whether the library that is loaded has the binary interface that these headers were made for. */
inline bool is_compatible() noexcept { return mona_abi_version() == MONA_ABI_VERSION; }

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
