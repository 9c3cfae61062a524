/*
 * A spool as tools see it.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#ifndef MONA_SPOOL_HPP
#define MONA_SPOOL_HPP

#include "status.hpp"
#include "text.hpp"

#include <cstddef>
#include <string>

namespace mona {
inline namespace MONA_CPP_VERSION_ {

/** What each instance in a spool holds, the directory of the option spool_dir, as a JSON array. */
inline result<std::string> spool_list(text dir)
{
    return detail::text_of(detail::long_text, [dir](char *buf, std::size_t cap, std::size_t *len) {
        return mona_spool_list(dir.data(), dir.size(), buf, cap, len);
    });
}

/** Reads everything in a spool. The value says what is damaged, as a JSON object. */
inline result<std::string> spool_verify(text dir)
{
    return detail::text_of(detail::long_text, [dir](char *buf, std::size_t cap, std::size_t *len) {
        return mona_spool_verify(dir.data(), dir.size(), buf, cap, len);
    });
}

/**
 * The first chunk behind a place, an instance's name or the "place" in the first line of the chunk before. Each further
 * line is a record. MONA_E_NOT_FOUND: that was the last one.
 */
inline result<std::string> spool_read(text dir, text place)
{
    return detail::text_of(detail::long_text, [dir, place](char *buf, std::size_t cap, std::size_t *len) {
        return mona_spool_read(dir.data(), dir.size(), place.data(), place.size(), buf, cap, len);
    });
}

} // namespace MONA_CPP_VERSION_
} // namespace mona

#endif
