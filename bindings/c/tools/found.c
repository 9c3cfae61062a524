#define _POSIX_C_SOURCE 200809L /* gmtime_r */

#include "found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "amounts.h"
#include "fifo.h"
#include "place.h"
#include "scheme.h"

enum {
    MOST_COUNTED_DAYS = 999 /* nobody counts more */
};

static const char plain[] = "", yellow[] = "\033[33m";

/* Keeps a text; what does not fit is cut. */
static void keep(char *buf, size_t cap, const char *value)
{
    size_t len = strlen(value);
    if (len >= cap)
        len = cap - 1;
    memcpy(buf, value, len);
    buf[len] = '\0';
}

/* Takes an array of texts as one, "a, b". Returns how many there were. */
static unsigned read_list(struct json *json, char *buf, size_t cap)
{
    char value[FOUND_NAMES_CAP];
    unsigned count = 0;
    size_t len = 0;

    buf[0] = '\0';
    json_enter(json, '[');
    while (json_more(json, ']')) {
        json_value(json, value, sizeof value);
        int more = len < cap ? snprintf(buf + len, cap - len, "%s%s", count > 0 ? ", " : "", value) : 0;
        len += more > 0 ? (size_t)more : 0;
        count++;
    }
    return count;
}

void found_read_certificate(struct json *json, struct certificate *certificate)
{
    char name[FOUND_NAME_CAP], value[FOUND_NAMES_CAP];

    *certificate = (struct certificate){.is_there = true};
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        if (strcmp(name, "names") == 0) {
            (void)read_list(json, certificate->names, sizeof certificate->names);
            continue;
        }
        json_value(json, value, sizeof value);
        if (strcmp(name, "subject") == 0)
            keep(certificate->subject, sizeof certificate->subject, value);
        else if (strcmp(name, "issuer") == 0)
            keep(certificate->issuer, sizeof certificate->issuer, value);
        else if (strcmp(name, "not_before") == 0)
            keep(certificate->not_before, sizeof certificate->not_before, value);
        else if (strcmp(name, "not_after") == 0)
            keep(certificate->not_after, sizeof certificate->not_after, value);
        else if (strcmp(name, "days_left") == 0)
            certificate->days_left = strtol(value, NULL, 10);
    }
}

void found_read_proxy(struct json *json, struct proxy *proxy)
{
    char name[FOUND_NAME_CAP], value[FOUND_NAMES_CAP];

    *proxy = (struct proxy){.is_there = true};
    json_enter(json, '{');
    while (json_more(json, '}') && json_name(json, name, sizeof name)) {
        json_value(json, value, sizeof value);
        if (strcmp(name, "address") == 0)
            keep(proxy->address, sizeof proxy->address, value);
        else if (strcmp(name, "variable") == 0)
            keep(proxy->variable, sizeof proxy->variable, value);
        else if (strcmp(name, "exception") == 0)
            keep(proxy->exception, sizeof proxy->exception, value);
        else if (strcmp(name, "used") == 0)
            proxy->is_used = strcmp(value, "true") == 0;
    }
}

void found_read_addresses(struct json *json, struct step *step)
{
    step->address_count = read_list(json, step->addresses, sizeof step->addresses);
}

void found_keep(struct step *step, const char *name, const char *value)
{
    if (strcmp(name, "endpoint") == 0)
        keep(step->endpoint, sizeof step->endpoint, value);
    else if (strcmp(name, "step") == 0)
        keep(step->name, sizeof step->name, value);
    else if (strcmp(name, "ok") == 0)
        step->ok = strcmp(value, "true") == 0;
    else if (strcmp(name, "milliseconds") == 0)
        step->milliseconds = strtod(value, NULL);
    else if (strcmp(name, "error") == 0)
        keep(step->error, sizeof step->error, value);
    else if (strcmp(name, "finding") == 0)
        keep(step->finding, sizeof step->finding, value);
    else if (strcmp(name, "address") == 0)
        keep(step->address, sizeof step->address, value);
    else if (strcmp(name, "tls") == 0)
        keep(step->tls, sizeof step->tls, value);
    else if (strcmp(name, "cipher") == 0)
        keep(step->cipher, sizeof step->cipher, value);
    else if (strcmp(name, "skew_ms") == 0) {
        step->has_skew = true;
        step->skew_ms = strtol(value, NULL, 10);
    } else if (strcmp(name, "skew_uncertainty_ms") == 0)
        step->uncertainty_ms = strtol(value, NULL, 10);
    else if (strcmp(name, "free_bytes") == 0) {
        step->has_free = true;
        step->free_bytes = strtoull(value, NULL, 10);
    }
}

void found_look(struct step *step, const char *endpoint)
{
    const char *path = scheme_behind(endpoint, "file:");

    if (path == NULL)
        return;
    path += strncmp(path, "//", 2) == 0 ? 2 : 0;
    if (!step->ok)
        keep(step->finding, sizeof step->finding, place_of_file(path));
    else
        step->is_fifo = fifo_describe(path, step->reader, sizeof step->reader, &step->is_read);
}

bool found_in_brief(const struct step *step, const char *endpoint, char *text, size_t cap)
{
    char size[FOUND_NAME_CAP];

    text[0] = '\0';
    /* An endpoint that is an address says so itself. */
    if (step->address[0] != '\0' && strstr(endpoint, step->address) == NULL)
        snprintf(text, cap, "to %s", step->address);
    else if (step->address_count > 1)
        snprintf(text, cap, "%s", step->addresses);
    else if (step->tls[0] != '\0')
        snprintf(text, cap, "TLS %s, %s", step->tls, step->cipher);
    else if (step->has_free) {
        amounts_put_size(size, sizeof size, step->free_bytes);
        snprintf(text, cap, "%s free on its disk", size);
    }
    return text[0] != '\0';
}

/* This machine's time, as certificates write theirs. */
static void put_now(char *text, size_t cap)
{
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) == NULL || strftime(text, cap, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        keep(text, cap, "?");
}

static bool is_not_valid_yet(const struct certificate *certificate)
{
    char now[FOUND_NAME_CAP];
    put_now(now, sizeof now);
    return strcmp(now, certificate->not_before) < 0;
}

static bool is_noteworthy(const struct certificate *certificate)
{
    return certificate->is_there
        && (certificate->days_left < FOUND_LEAST_DAYS || is_not_valid_yet(certificate));
}

static void put_certificate(const struct certificate *certificate, const char *label, bool in_full, found_put *put)
{
    char text[FOUND_TEXT_CAP], now[FOUND_NAME_CAP];
    const char *issuer = certificate->issuer[0] != '\0' ? certificate->issuer : "nobody named";
    bool is_noted = is_noteworthy(certificate);

    if (!certificate->is_there)
        return;
    put_now(now, sizeof now);
    if (is_not_valid_yet(certificate))
        snprintf(text, sizeof text, "NOT VALID before %s; this machine's clock says %s; issued by %s",
                 certificate->not_before, now, issuer);
    else if (certificate->days_left < 0)
        snprintf(text, sizeof text, "EXPIRED on %s; this machine's clock says %s; issued by %s", certificate->not_after,
                 now, issuer);
    else if (certificate->days_left > MOST_COUNTED_DAYS)
        snprintf(text, sizeof text, "until %.10s; issued by %s", certificate->not_after, issuer);
    else
        snprintf(text, sizeof text, "%s%ld day%s left, until %.10s; issued by %s", is_noted ? "ONLY " : "",
                 certificate->days_left, certificate->days_left == 1 ? "" : "s", certificate->not_after, issuer);
    put(label, text, is_noted ? yellow : plain);
    if (in_full && (certificate->names[0] != '\0' || certificate->subject[0] != '\0')) {
        snprintf(text, sizeof text, "%s%s%s", certificate->subject,
                 certificate->subject[0] != '\0' && certificate->names[0] != '\0' ? "; names: " : "", certificate->names);
        put("it is for", text, plain);
    }
}

/* Whether clocks are apart by more than the answer leaves open. */
static bool is_skewed(const struct step *step)
{
    return step->has_skew && labs(step->skew_ms) > step->uncertainty_ms + FOUND_MOST_SKEW_MS;
}

static void put_clock(const struct step *step, found_put *put)
{
    char text[FOUND_NAMES_CAP], amount[FOUND_NAME_CAP];
    long seconds = labs(step->skew_ms) / 1000;

    if (!step->has_skew)
        return;
    if (!is_skewed(step)) {
        put("clock", "agrees with that of the collector", plain);
        return;
    }
    if (seconds < 120)
        snprintf(amount, sizeof amount, "%ld s", seconds);
    else
        amounts_put_age(amount, sizeof amount, (uint64_t)seconds);
    snprintf(text, sizeof text, "this machine is %s %s the collector; events carry this machine's time", amount,
             step->skew_ms > 0 ? "AHEAD of" : "BEHIND");
    put("clock", text, yellow);
}

static void put_proxy(const struct proxy *proxy, found_put *put)
{
    char text[FOUND_TEXT_CAP];

    if (!proxy->is_there)
        return;
    if (proxy->is_used)
        snprintf(text, sizeof text, "%s, of %s; it is what is looked up and connected to", proxy->address, proxy->variable);
    else
        snprintf(text, sizeof text, "not used, although %s names %s: %s", proxy->variable, proxy->address,
                 proxy->exception);
    put("proxy", text, plain);
}

void found_put_details(const struct step *step, found_put *put)
{
    put_proxy(&step->proxy, put);
    put_certificate(&step->server, "certificate", !step->ok, put);
    put_certificate(&step->client, "client cert", !step->ok, put);
    put_clock(step, put);
    if (step->is_fifo)
        put("it is", step->reader, step->is_read ? plain : yellow);
}

unsigned found_warnings(const struct step *step)
{
    return (unsigned)is_noteworthy(&step->server) + (unsigned)is_noteworthy(&step->client) + (unsigned)is_skewed(step)
        + (unsigned)(step->is_fifo && !step->is_read);
}
