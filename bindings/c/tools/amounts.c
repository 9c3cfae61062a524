#include "amounts.h"

#include <inttypes.h>
#include <stdio.h>

void amounts_put_size(char *text, size_t cap, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(text, cap, "%" PRIu64 " B", bytes);
        return;
    }
    for (amount /= 1024; amount >= 999.5 && unit < 3; unit++)
        amount /= 1024;
    snprintf(text, cap, amount < 99.95 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
}

void amounts_put_age(char *text, size_t cap, uint64_t seconds)
{
    if (seconds < 60)
        snprintf(text, cap, "%" PRIu64 "s", seconds);
    else if (seconds < 3600)
        snprintf(text, cap, "%" PRIu64 "m", seconds / 60);
    else if (seconds < (uint64_t)48 * 3600)
        snprintf(text, cap, "%" PRIu64 "h", seconds / 3600);
    else
        snprintf(text, cap, "%" PRIu64 "d", seconds / 86400);
}
