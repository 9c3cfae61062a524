#include "dataset.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TEXT_LIMIT = 1 << 20 /* the file has 265 kB */
};

static const char *read_file(const char *path, unsigned char *bytes, size_t cap, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return "the file cannot be opened";

    *len = fread(bytes, 1, cap, file);
    const char *error = NULL;
    if (ferror(file))
        error = "the file cannot be read";
    else if (*len == cap)
        error = "the file is too large to be the digits";
    fclose(file);
    return error;
}

/* Reads one number, at most `limit`, and the mark after it. Returns the text behind them, or NULL. */
static const unsigned char *parse_number(const unsigned char *text, const unsigned char *end, unsigned limit,
                                         unsigned char mark, unsigned char *value)
{
    unsigned number = 0;
    const unsigned char *at = text;

    while (at < end && *at >= '0' && *at <= '9' && number <= limit)
        number = number * 10 + (unsigned)(*at++ - '0');
    if (at == text || at == end || *at != mark || number > limit)
        return NULL;
    *value = (unsigned char)number;
    return at + 1;
}

static const unsigned char *parse_digit(const unsigned char *at, const unsigned char *end, struct digit *digit)
{
    for (int i = 0; i < DIGIT_PIXELS && at != NULL; i++)
        at = parse_number(at, end, DIGIT_BLACK, ',', &digit->pixels[i]);
    if (at != NULL)
        at = parse_number(at, end, DIGIT_CLASSES - 1, '\n', &digit->label);
    return at;
}

static const char *parse_text(struct dataset *dataset, const unsigned char *text, size_t len)
{
    const unsigned char *end = text + len;
    size_t lines = 0;

    for (const unsigned char *at = text; at < end; at++)
        lines += *at == '\n';
    if (lines < 2)
        return "the file has fewer than two digits";

    struct digit *digits = calloc(lines, sizeof *digits);
    if (digits == NULL)
        return "there is no memory left for the digits";
    for (size_t i = 0; i < lines; i++) {
        text = parse_digit(text, end, &digits[i]);
        if (text == NULL) {
            free(digits);
            return "a line is not 64 pixels from 0 to 16 and a digit";
        }
    }
    dataset->digits = digits;
    dataset->count = lines;
    return NULL;
}

const char *dataset_load(struct dataset *dataset, const char *path)
{
    unsigned char *text = malloc(TEXT_LIMIT);
    size_t len;
    if (text == NULL)
        return "there is no memory left for the digits";

    const char *error = read_file(path, text, TEXT_LIMIT, &len);
    if (error == NULL)
        error = parse_text(dataset, text, len);
    free(text);
    return error;
}

void dataset_shuffle(struct dataset *dataset, struct prng *prng)
{
    for (size_t left = dataset->count; left > 1; left--) {
        size_t chosen = prng_below(prng, left);
        struct digit digit = dataset->digits[chosen];
        dataset->digits[chosen] = dataset->digits[left - 1];
        dataset->digits[left - 1] = digit;
    }
}

void dataset_free(struct dataset *dataset)
{
    free(dataset->digits);
    dataset->digits = NULL;
    dataset->count = 0;
}
