/*
 * Trains a classifier for handwritten digits, then watches it at work with libmona.
 *
 * One run of the classifier is one context of the ARC class `digit-classifier`; its two stages are
 * sub-contexts. Half-way through the stream the images become noisy, as if dust had settled on the scanner:
 * the drift shows in the KAPIs.
 *
 *     MONA_ENDPOINT=tcp://127.0.0.1:24224 digits data/digits.csv
 *
 * Exit status: 0; 1 if an event was lost or a call of libmona failed; 2 without usable digits.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, isatty */

#include <mona.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "dataset.h"
#include "prng.h"
#include "softmax.h"

enum {
    SEED = 1998,             /* any number would do; a fixed one makes every run the same */
    CLOSE_TIMEOUT_MS = 10000 /* time for a slow collector to take what is left */
};

static const double NOISE = 4.0;     /* standard deviation in grey levels, of 16 */
static const double LIGHT_INK = 4.6; /* mean grey level; about a third of the clean images is below */
static const double DARK_INK = 5.2;  /* about a third is above */

struct verdict {
    int digit;
    int runner_up;
    double confidence; /* probability of the digit */
    double margin;     /* how far the runner-up is behind */
};

struct score {
    size_t seen;
    size_t correct;
};

/*
 * Monitoring never stops the program that it watches: a call that fails is counted and the work goes on.
 * libmona answers calls on a context that could not be made (NULL) with a status, so nothing else is needed.
 */
static unsigned failed_calls;

static void check(mona_status status, const char *call)
{
    if (status == MONA_OK)
        return;
    if (failed_calls++ == 0) {
        char detail[256] = "";
        size_t len;
        mona_status known = mona_last_error(detail, sizeof detail, &len);
        fprintf(stderr, "digits: %s: %s (%s%s)\n", call, mona_status_text(status), detail,
                known == MONA_E_TRUNCATED ? "..." : "");
    }
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* A bar on the terminal; nothing in a log file or a pipe. */
static void show_progress(const char *step, size_t done, size_t wanted)
{
    static const char bar[] = "########################################";
    const int width = (int)sizeof bar - 1;
    static int shown = -1;
    int filled = (int)(done * (size_t)width / wanted);

    if (!isatty(STDERR_FILENO) || filled == shown)
        return;
    shown = filled;
    fprintf(stderr, "\r%-12s [%-*.*s]", step, width, filled, bar);
    if (done == wanted) {
        fputc('\n', stderr);
        shown = -1;
    }
}

static void show_training(size_t done, size_t wanted)
{
    show_progress("training", done, wanted);
}

/* What the camera sees: the image, and noise on every pixel. */
static void scan(const struct digit *digit, double noise, struct prng *prng, double pixels[DIGIT_PIXELS])
{
    for (int p = 0; p < DIGIT_PIXELS; p++) {
        double grey = digit->pixels[p] + (noise > 0 ? noise * prng_gaussian(prng) : 0);
        pixels[p] = fmin(fmax(grey, DIGIT_WHITE), DIGIT_BLACK);
    }
}

static double mean_ink(const double pixels[DIGIT_PIXELS])
{
    double sum = 0;
    for (int p = 0; p < DIGIT_PIXELS; p++)
        sum += pixels[p];
    return sum / DIGIT_PIXELS;
}

/* Dimensions are names even where they look like numbers: nobody wants the mean of the labels. */
static const char *digit_name(int digit)
{
    static const char *const names[DIGIT_CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    return names[digit];
}

static const char *ink_name(double ink)
{
    return ink < LIGHT_INK ? "light" : ink < DARK_INK ? "medium" : "dark";
}

static struct verdict decide(const double probabilities[DIGIT_CLASSES])
{
    int first = 0, second = 1;

    for (int c = 1; c < DIGIT_CLASSES; c++) {
        if (probabilities[c] > probabilities[first]) {
            second = first;
            first = c;
        } else if (probabilities[c] > probabilities[second]) {
            second = c;
        }
    }
    return (struct verdict){.digit = first,
                            .runner_up = second,
                            .confidence = probabilities[first],
                            .margin = probabilities[first] - probabilities[second]};
}

static struct verdict classify_pixels(const struct softmax *model, const double pixels[DIGIT_PIXELS])
{
    double inputs[DIGIT_PIXELS], probabilities[DIGIT_CLASSES];
    softmax_standardise(model, pixels, inputs);
    softmax_classify(model, inputs, probabilities);
    return decide(probabilities);
}

static double training_accuracy(const struct softmax *model, const struct digit *digits, size_t count)
{
    size_t correct = 0;
    for (size_t i = 0; i < count; i++) {
        double pixels[DIGIT_PIXELS];
        scan(&digits[i], 0, NULL, pixels);
        correct += classify_pixels(model, pixels).digit == digits[i].label;
    }
    return (double)correct / (double)count;
}

/* The training is a run of its own, told in JSON text: right where the message exists as text anyway. */
static void train(mona_client *client, struct softmax *model, const struct digit *digits, size_t count,
                  struct prng *prng)
{
    mona_context *run = NULL;
    check(mona_context_new(client, "digit-training", MONA_NTS, NULL, 0, MONA_NOW, &run), "mona_context_new");

    double start = microseconds();
    softmax_train(model, digits, count, prng, show_training);
    double seconds = (microseconds() - start) / 1e6;

    char json[160];
    snprintf(json, sizeof json, "{\"images\": %zu, \"seconds\": %.3f, \"accuracy\": %.4f}", count, seconds,
             training_accuracy(model, digits, count));
    check(mona_context_export(run, json, MONA_NTS, MONA_NOW), "mona_context_export");
    mona_context_free(run);
}

static void preprocess(const mona_context *run, const struct softmax *model, const double pixels[DIGIT_PIXELS],
                       double inputs[DIGIT_PIXELS])
{
    mona_context *stage = NULL;
    check(mona_context_new_sub(run, "digit-classifier/preprocess", MONA_NTS, "preprocess", MONA_NTS, &stage),
          "mona_context_new_sub");

    double start = microseconds();
    softmax_standardise(model, pixels, inputs);
    double spent = microseconds() - start;

    check(MONA_EXPORT(stage, MONA_F64("mean_ink", mean_ink(pixels)), MONA_F64("microseconds", spent)),
          "MONA_EXPORT");
    mona_context_free(stage);
}

static struct verdict classify(const mona_context *run, const struct softmax *model,
                               const double inputs[DIGIT_PIXELS])
{
    mona_context *stage = NULL;
    check(mona_context_new_sub(run, "digit-classifier/classify", MONA_NTS, "classify", MONA_NTS, &stage),
          "mona_context_new_sub");

    double probabilities[DIGIT_CLASSES];
    double start = microseconds();
    softmax_classify(model, inputs, probabilities);
    double spent = microseconds() - start;
    struct verdict verdict = decide(probabilities);

    check(MONA_EXPORT(stage, MONA_STR("runner_up", digit_name(verdict.runner_up)), MONA_F64("microseconds", spent)),
          "MONA_EXPORT");
    mona_context_free(stage);
    return verdict;
}

/* One run of the algorithm. Returns whether the digit was recognised. */
static bool read_digit(mona_client *client, const struct softmax *model, const struct digit *digit, double noise,
                       struct prng *prng)
{
    double pixels[DIGIT_PIXELS], inputs[DIGIT_PIXELS];
    mona_context *run = NULL;

    scan(digit, noise, prng, pixels);
    check(mona_context_new(client, "digit-classifier", MONA_NTS, NULL, 0, MONA_NOW, &run), "mona_context_new");

    double start = microseconds();
    preprocess(run, model, pixels, inputs);
    struct verdict verdict = classify(run, model, inputs);
    double spent = microseconds() - start;
    bool correct = verdict.digit == digit->label;

    check(MONA_EXPORT(run,
                      /* KAPIs: how well the run went */
                      MONA_F64("confidence", verdict.confidence), MONA_F64("margin", verdict.margin),
                      MONA_F64("microseconds", spent), MONA_BOOL("correct", correct),
                      /* dimensions: what to break the KAPIs down by */
                      MONA_STR("label", digit_name(digit->label)), MONA_STR("predicted", digit_name(verdict.digit)),
                      MONA_STR("ink", ink_name(mean_ink(pixels))), MONA_F64("noise", noise)),
          "MONA_EXPORT");
    mona_context_free(run);
    return correct;
}

/* The noise sets in half-way: score[0] is before, score[1] after. */
static void read_stream(mona_client *client, const struct softmax *model, const struct digit *digits, size_t count,
                        struct prng *prng, struct score score[2])
{
    for (size_t i = 0; i < count; i++) {
        bool noisy = i >= count / 2;
        score[noisy].seen++;
        score[noisy].correct += read_digit(client, model, &digits[i], noisy ? NOISE : 0, prng);
        show_progress("classifying", i + 1, count);
    }
}

static double percent(struct score score)
{
    return score.seen == 0 ? 0 : 100.0 * (double)score.correct / (double)score.seen;
}

/* Prints the summary. Returns whether every accepted event is with the collector or in the spool. */
static bool report(const mona_client *client, const struct score score[2])
{
    mona_stats stats = {.size = sizeof stats};
    check(mona_client_stats(client, &stats), "mona_client_stats");

    uint64_t kept = stats.delivered + stats.spooled_events;
    uint64_t lost = stats.accepted - kept;
    printf("%zu digits: accuracy %.1f %% clean, %.1f %% with noise\n", score[0].seen + score[1].seen,
           percent(score[0]), percent(score[1]));
    printf("%" PRIu64 " events: %" PRIu64 " delivered, %" PRIu64 " spooled, %" PRIu64 " lost\n", stats.accepted,
           stats.delivered, stats.spooled_events, lost);
    return lost == 0;
}

static bool watch(mona_client *client, const struct dataset *dataset, struct prng *prng)
{
    static const char globals[] = "{\"model\": \"softmax\", \"dataset\": \"optdigits\"}";
    struct softmax model;
    struct score score[2] = {{0}};
    size_t half = dataset->count / 2;

    check(mona_client_set_globals(client, globals, MONA_NTS), "mona_client_set_globals");
    train(client, &model, dataset->digits, half, prng);
    read_stream(client, &model, dataset->digits + half, dataset->count - half, prng, score);
    check(mona_client_close(client, CLOSE_TIMEOUT_MS), "mona_client_close");
    return report(client, score);
}

int main(int argc, char **argv)
{
    struct prng prng = {SEED};
    struct dataset dataset;
    mona_client *client = NULL;

    if (argc != 2) {
        fprintf(stderr, "usage: %s DIGITS.csv\n", argv[0]);
        return 2;
    }
    const char *error = dataset_load(&dataset, argv[1]);
    if (error != NULL) {
        fprintf(stderr, "digits: %s: %s\n", argv[1], error);
        return 2;
    }
    dataset_shuffle(&dataset, &prng);

    check(mona_client_new(NULL, &client), "mona_client_new");
    bool kept = watch(client, &dataset, &prng);
    mona_client_free(client);
    dataset_free(&dataset);
    return kept && failed_calls == 0 ? 0 : 1;
}
