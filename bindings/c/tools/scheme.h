/*
 * What an endpoint is by the scheme of its URL, read as libmona reads it.
 */
#ifndef SCHEME_H
#define SCHEME_H

/* What stands behind `start` in a URL, whatever the case and without blanks before it; NULL where it begins otherwise. */
const char *scheme_behind(const char *url, const char *start);

#endif
