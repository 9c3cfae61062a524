#include "softmax.h"

#include <math.h>
#include <string.h>

enum { PASSES = 40 }; /* more do not raise the accuracy on held-back digits */

static const double FIRST_STEP = 0.05;  /* step size of the first pass; the k-th has 1/(1 + k/10) of it */
static const double SHRINKAGE = 0.003; /* pulls weights towards 0, against learning the digits by heart */

static void measure_pixels(struct softmax *model, const struct digit *digits, size_t count)
{
    for (int p = 0; p < DIGIT_PIXELS; p++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < count; i++) {
            double value = digits[i].pixels[p];
            sum += value;
            squares += value * value;
        }
        double mean = sum / (double)count;
        double variance = squares / (double)count - mean * mean;
        model->mean[p] = mean;
        /* A pixel that hardly ever changes would turn a speck of dust into a shout: half a grey level is the least. */
        model->scale[p] = variance > 0 ? 1 / fmax(sqrt(variance), 0.5) : 0;
    }
}

void softmax_standardise(const struct softmax *model, const double pixels[DIGIT_PIXELS],
                         double inputs[DIGIT_PIXELS])
{
    for (int p = 0; p < DIGIT_PIXELS; p++)
        inputs[p] = (pixels[p] - model->mean[p]) * model->scale[p];
}

void softmax_classify(const struct softmax *model, const double inputs[DIGIT_PIXELS],
                      double probabilities[DIGIT_CLASSES])
{
    double highest = -INFINITY, sum = 0;

    for (int c = 0; c < DIGIT_CLASSES; c++) {
        double score = model->bias[c];
        for (int p = 0; p < DIGIT_PIXELS; p++)
            score += model->weight[c][p] * inputs[p];
        probabilities[c] = score;
        highest = fmax(highest, score);
    }
    /* Taking off the highest score changes nothing but keeps exp() in range. */
    for (int c = 0; c < DIGIT_CLASSES; c++)
        sum += probabilities[c] = exp(probabilities[c] - highest);
    for (int c = 0; c < DIGIT_CLASSES; c++)
        probabilities[c] /= sum;
}

static void learn(struct softmax *model, const struct digit *digit, double step)
{
    double pixels[DIGIT_PIXELS], inputs[DIGIT_PIXELS], probabilities[DIGIT_CLASSES];

    for (int p = 0; p < DIGIT_PIXELS; p++)
        pixels[p] = digit->pixels[p];
    softmax_standardise(model, pixels, inputs);
    softmax_classify(model, inputs, probabilities);

    for (int c = 0; c < DIGIT_CLASSES; c++) {
        double miss = probabilities[c] - (c == digit->label);
        model->bias[c] -= step * miss;
        for (int p = 0; p < DIGIT_PIXELS; p++)
            model->weight[c][p] -= step * (miss * inputs[p] + SHRINKAGE * model->weight[c][p]);
    }
}

void softmax_train(struct softmax *model, const struct digit *digits, size_t count, struct prng *prng,
                   softmax_progress progress)
{
    memset(model, 0, sizeof *model);
    measure_pixels(model, digits, count);

    for (size_t pass = 0; pass < PASSES; pass++) {
        double step = FIRST_STEP / (1 + (double)pass / 10);
        for (size_t i = 0; i < count; i++)
            learn(model, &digits[prng_below(prng, count)], step);
        progress(pass + 1, PASSES);
    }
}
