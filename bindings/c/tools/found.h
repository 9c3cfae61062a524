/*
 * What a step of a check found besides that it succeeded or not: addresses, a proxy, certificates, a clock.
 */
#ifndef FOUND_H
#define FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

enum {
    FOUND_NAME_CAP = 64,     /* libmona's names are shorter than 20 */
    FOUND_TEXT_CAP = 2048,   /* a sentence; a longer value is cut */
    FOUND_NAMES_CAP = 512,   /* names and addresses, cut */
    FOUND_LABEL_WIDTH = 13,  /* "certificate", "client cert" */
    FOUND_LEAST_DAYS = 14,   /* a certificate that expires earlier is told of: time enough to renew it */
    FOUND_MOST_SKEW_MS = 2000 /* clocks that differ by more, beyond what cannot be known, are told of */
};

struct certificate {
    bool is_there;
    char subject[FOUND_NAMES_CAP];
    char names[FOUND_NAMES_CAP];
    char issuer[FOUND_NAMES_CAP];
    char not_before[FOUND_NAME_CAP];
    char not_after[FOUND_NAME_CAP];
    long days_left;
};

struct proxy {
    bool is_there;
    bool is_used;
    char address[FOUND_NAMES_CAP];
    char variable[FOUND_NAME_CAP];
    char exception[FOUND_NAMES_CAP];
};

struct step {
    char endpoint[FOUND_TEXT_CAP];
    char name[FOUND_NAME_CAP];
    bool ok;
    double milliseconds;
    char error[FOUND_TEXT_CAP];
    char finding[FOUND_NAME_CAP]; /* the same in a word; empty where there is none */
    char address[FOUND_NAMES_CAP]; /* where it led; empty where nothing did */
    char addresses[FOUND_NAMES_CAP];
    unsigned address_count;
    struct proxy proxy;
    char tls[FOUND_NAME_CAP];
    char cipher[FOUND_NAME_CAP];
    struct certificate server;
    struct certificate client;
    bool has_skew;
    long skew_ms; /* this machine is ahead by so much */
    long uncertainty_ms;
    bool is_fifo;
    bool is_read;
    char reader[FOUND_NAMES_CAP];
    bool has_free;
    uint64_t free_bytes;
};

/* Take the members that are no plain values. */
void found_read_certificate(struct json *json, struct certificate *certificate);
void found_read_proxy(struct json *json, struct proxy *proxy);
void found_read_addresses(struct json *json, struct step *step);

/* Keeps the value of any other member, if it is known. */
void found_keep(struct step *step, const char *name, const char *value);

/* Looks at what the report has no word of: who reads a FIFO, what stands in the way of a file. */
void found_look(struct step *step, const char *endpoint);

/* What stands behind a step in its line. Returns whether there is anything. */
bool found_in_brief(const struct step *step, const char *endpoint, char *text, size_t cap);

typedef void found_put(const char *label, const char *text, const char *colour);

/* Gives `put` each line that belongs below a step. */
void found_put_details(const struct step *step, found_put *put);

/* How many of these are warnings: a certificate that expires soon, clocks that are apart, a FIFO without reader. */
unsigned found_warnings(const struct step *step);

#endif
