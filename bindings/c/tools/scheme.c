#include "scheme.h"

#include <stddef.h>
#include <string.h>

/* Of ASCII alone, whatever the locale: no scheme has other letters. */
static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

const char *scheme_behind(const char *url, const char *start)
{
    url += strspn(url, " \t\n\v\f\r");
    for (; *start != '\0'; url++, start++) {
        if (lower(*url) != *start)
            return NULL;
    }
    return url;
}
