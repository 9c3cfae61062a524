/* What the types of mona.hpp are and which values a field takes, for the compiler alone. */
#ifndef MONA_TESTS_TYPES_HPP
#define MONA_TESTS_TYPES_HPP

#include <mona.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace types {

template <class T>
inline constexpr bool is_field = std::is_constructible_v<mona::field, const char *, T>;

/* Arithmetic, at its full width. */
static_assert(is_field<bool> && is_field<float> && is_field<double>);
static_assert(is_field<signed char> && is_field<short> && is_field<int> && is_field<long> && is_field<long long>);
static_assert(is_field<unsigned char> && is_field<unsigned short> && is_field<unsigned> && is_field<unsigned long> &&
              is_field<unsigned long long>);
static_assert(is_field<std::size_t> && is_field<std::ptrdiff_t> && is_field<std::int8_t> && is_field<const int &>);
static_assert(!is_field<long double>);
#if defined(__SIZEOF_INT128__)
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
static_assert(!is_field<int128> && !is_field<uint128>);
#endif

/* Text and nothing. */
static_assert(is_field<const char *> && is_field<char *> && is_field<const char (&)[4]> && is_field<std::string> &&
              is_field<std::string_view> && is_field<mona::text> && is_field<const std::string &>);
static_assert(is_field<std::nullptr_t> && is_field<std::nullopt_t>);
static_assert(is_field<std::optional<int>> && is_field<std::optional<std::string>> &&
              is_field<std::optional<std::optional<bool>>> && is_field<std::optional<mona::json>>);
static_assert(!is_field<std::optional<char>> && !is_field<std::optional<long double>> && !is_field<std::optional<int *>>);
static_assert(is_field<mona::json> && !std::is_convertible_v<const char *, mona::json>);

/* Characters, which may be numbers or texts. */
static_assert(!is_field<char> && !is_field<wchar_t> && !is_field<char16_t> && !is_field<char32_t>);
static_assert(!is_field<const wchar_t *> && !is_field<const char16_t *> && !is_field<std::wstring>);
#if defined(__cpp_char8_t)
static_assert(!is_field<char8_t>);
static_assert(is_field<const char8_t *> && is_field<std::u8string> && is_field<std::u8string_view>);
#endif

/* Pointers, which would be true, and enumerations, whose numbers say nothing. */
static_assert(!is_field<int *> && !is_field<const void *> && !is_field<const signed char *> &&
              !is_field<const unsigned char *> && !is_field<void (*)()> && !is_field<std::shared_ptr<int>>);
enum plain { first };
enum class scoped { second };
static_assert(!is_field<plain> && !is_field<scoped> && !is_field<std::byte>);
struct holder {
    int member;
    operator int() const { return 1; }
    operator bool() const { return true; }
};
static_assert(!is_field<holder> && !is_field<int holder::*> && !is_field<std::vector<int>> && !is_field<std::any>);
static_assert(!is_field<std::chrono::seconds> && !is_field<std::chrono::system_clock::time_point>);
static_assert(!std::is_constructible_v<mona::field, int, int> && !std::is_constructible_v<mona::field, const char *>);
/* A field has no other constructor that two arguments could reach. */
static_assert(!std::is_constructible_v<mona::field, const char *, int, int>);

/* Handles are moved, never copied, and moving cannot fail. */
template <class T>
inline constexpr bool is_move_only = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                                     !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(is_move_only<mona::client> && is_move_only<mona::context> && is_move_only<mona::options>);
static_assert(!std::is_move_constructible_v<mona::scope> && !std::is_move_constructible_v<mona::sub_scope>);
static_assert(std::is_trivially_copyable_v<mona::client_ref> && std::is_trivially_copyable_v<mona::status>);
static_assert(sizeof(mona::context) == sizeof(void *) && sizeof(mona::client) == sizeof(void *));
static_assert(!std::is_convertible_v<mona_client *, mona::client> && !std::is_convertible_v<mona::client_ref, mona::client>);
static_assert(std::is_convertible_v<mona::client &, mona::client_ref> &&
              std::is_convertible_v<const mona::client &, mona::client_ref> &&
              !std::is_convertible_v<mona::client, mona::client_ref>);

/* A status is no number and no truth value by itself. */
static_assert(!std::is_convertible_v<mona::status, bool> && !std::is_convertible_v<mona::status, int> &&
              !std::is_convertible_v<int, mona::status>);
static_assert(mona::status() && mona::status() == MONA_OK && mona::status(MONA_E_JSON) != MONA_OK &&
              !mona::status(MONA_E_JSON) && mona::status(MONA_E_JSON) == mona::status(MONA_E_JSON) &&
              MONA_E_JSON == mona::status(MONA_E_JSON) && mona::status(MONA_E_JSON).value() == 3);

/* Time-outs are rounded up and stay within what the library takes. */
using std::chrono::duration;
inline constexpr std::uint32_t most = UINT32_MAX;
static_assert(mona::timeout(std::chrono::nanoseconds(1)).ms() == 1);
static_assert(mona::timeout(std::chrono::nanoseconds(1000000)).ms() == 1);
static_assert(mona::timeout(std::chrono::nanoseconds(1000001)).ms() == 2);
static_assert(mona::timeout(std::chrono::milliseconds(0)).ms() == 0);
static_assert(mona::timeout(std::chrono::seconds(-1)).ms() == 0);
static_assert(mona::timeout(std::chrono::seconds::min()).ms() == 0);
static_assert(mona::timeout(std::chrono::minutes(2)).ms() == 120000);
static_assert(mona::timeout(std::chrono::milliseconds(4294967294)).ms() == most - 1);
static_assert(mona::timeout(std::chrono::milliseconds(4294967295)).ms() == most);
static_assert(mona::timeout(std::chrono::milliseconds(4294967296)).ms() == most);
static_assert(mona::timeout(std::chrono::microseconds(4294967294001)).ms() == most);
static_assert(mona::timeout(std::chrono::hours::max()).ms() == most);
static_assert(mona::timeout(std::chrono::nanoseconds::max()).ms() == most);
static_assert(mona::timeout(duration<double>(0.0015)).ms() == 2);
static_assert(mona::timeout(duration<float, std::milli>(2.0F)).ms() == 2);
static_assert(mona::timeout(duration<unsigned char>(255)).ms() == 255000);
static_assert(mona::timeout(duration<std::int64_t, std::pico>(1000000001)).ms() == 2);
static_assert(mona::timeout(duration<double>(std::numeric_limits<double>::infinity())).ms() == most);
static_assert(mona::timeout(duration<double>(-std::numeric_limits<double>::infinity())).ms() == 0);
/* A number without a unit is no time. */
static_assert(!std::is_constructible_v<mona::timeout, int> && !std::is_convertible_v<double, mona::timestamp>);
static_assert(!std::is_constructible_v<mona::timestamp, std::chrono::steady_clock::time_point>);

/* Timestamps keep their fraction. */
using at = std::chrono::system_clock::time_point;
static_assert(mona::timestamp().seconds() == MONA_NOW && mona::timestamp(at()).seconds() == MONA_NOW);
static_assert(mona::timestamp(at(std::chrono::milliseconds(-1500))).seconds() == -1.5);
static_assert(mona::timestamp(at(std::chrono::seconds(1552903200))).seconds() == 1552903200.0);
static_assert(mona::timestamp(std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>(
                                  std::chrono::hours(1))).seconds() == 3600.0);

} // namespace types

#endif
