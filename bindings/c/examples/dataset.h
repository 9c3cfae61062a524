/*
 * The handwritten digits of data/digits.csv: 8 x 8 images with the digit that a person wrote.
 */
#ifndef DATASET_H
#define DATASET_H

#include <stddef.h>

#include "prng.h"

enum {
    DIGIT_PIXELS = 64,   /* 8 rows of 8 */
    DIGIT_CLASSES = 10,  /* the digits 0 to 9 */
    DIGIT_WHITE = 0,
    DIGIT_BLACK = 16     /* the number of inked dots in a block of 4 x 4 of the scan */
};

struct digit {
    unsigned char pixels[DIGIT_PIXELS];
    unsigned char label;
};

struct dataset {
    struct digit *digits;
    size_t count;
};

/* Reads a CSV file: 64 pixels and a label on each line. Returns NULL, or what is wrong with the file. */
const char *dataset_load(struct dataset *dataset, const char *path);

/* Puts the digits in random order, so that any two parts of the set come from the same writers. */
void dataset_shuffle(struct dataset *dataset, struct prng *prng);

void dataset_free(struct dataset *dataset);

#endif
