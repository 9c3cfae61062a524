/*
 * A softmax (multinomial logistic) classifier for 8 x 8 images, trained by stochastic gradient descent.
 */
#ifndef SOFTMAX_H
#define SOFTMAX_H

#include "dataset.h"

struct softmax {
    double mean[DIGIT_PIXELS];  /* of each pixel in the training set */
    double scale[DIGIT_PIXELS]; /* 1 / standard deviation; 0 for a pixel that never changes */
    double weight[DIGIT_CLASSES][DIGIT_PIXELS];
    double bias[DIGIT_CLASSES];
};

/* Called after each pass over the training set, with the number of passes done and wanted. */
typedef void (*softmax_progress)(size_t done, size_t wanted);

/* Trains a new model on `count` digits. The same digits and the same generator give the same model. */
void softmax_train(struct softmax *model, const struct digit *digits, size_t count, struct prng *prng,
                   softmax_progress progress);

/* Brings pixels to mean 0 and standard deviation 1, as the model wants them. */
void softmax_standardise(const struct softmax *model, const double pixels[DIGIT_PIXELS],
                         double inputs[DIGIT_PIXELS]);

/* Writes the probability of each digit; they add up to 1. */
void softmax_classify(const struct softmax *model, const double inputs[DIGIT_PIXELS],
                      double probabilities[DIGIT_CLASSES]);

#endif
