/*
 * The host computes with floats in another mode: what is sent is the same, and the mode is as before after each call.
 * With an argument the events go to the endpoint of the environment, a context for each mode.
 */
#include "../interface/check.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
/* Nearest; downward, upward, toward zero; denormals are zero; that and upward; faults instead of NaN and infinities. */
static const unsigned modes[] = {0x1f80, 0x3f80, 0x5f80, 0x7f80, 0x9fc0, 0xdfc0, 0x1900};
static unsigned mode(void) { return _mm_getcsr() & 0xffc0u; }
static void set_mode(unsigned to) { _mm_setcsr(to); }
#elif defined(__aarch64__)
static const unsigned modes[] = {0, 0x800000, 0x400000, 0xc00000, 0x1000000, 0x1400000};
static unsigned mode(void) {
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word));
  return (unsigned)word;
}
static void set_mode(unsigned to) { __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)to)); }
#else
static const unsigned modes[] = {0};
static unsigned mode(void) { return 0; }
static void set_mode(unsigned to) { (void)to; }
#endif

#define MODES (sizeof modes / sizeof modes[0])

static const char *const text =
    "{\"a\":0.1,\"b\":0.3,\"c\":2.675,\"d\":1.1e-5,\"e\":123456.789,\"f\":4.9e-324,\"g\":2.2250738585072011e-308,"
    "\"h\":0.97,\"i\":1e23,\"k\":9007199254740993.0,\"l\":-0.1,\"m\":0.30000000000000004,\"n\":1.7976931348623157e308,"
    "\"o\":123456789.12345678,\"p\":[1.005,7e-5,1e22,8.5e-25],\"q\":1e-400,\"r\":0.1234567890123456789012}";

/* Numbers without a calculation of the compiler's or ours. */
static double bits(uint64_t word) {
  double number;
  memcpy(&number, &word, sizeof number);
  return number;
}

static mona_status all_events(mona_client *client, const char *id) {
  char batch[400];
  mona_context *context = NULL;
  mona_field fields[8];
  size_t accepted = 0;
  int n;
  mona_status status = mona_client_set_globals(client, "{\"g\":0.3,\"h\":2.675}", MONA_NTS);

  status |= mona_context_new(client, "class", MONA_NTS, id, MONA_NTS, 1552903200.75, &context);
  fields[0] = MONA_F64("third", bits(0x3fd5555555555555u));
  fields[1] = MONA_F64("denormal", bits(3));
  fields[2] = MONA_F64("large", bits(0x7fefffffffffffffu));
  fields[3] = MONA_F64("third of ten", bits(0x3fd3333333333334u));
  fields[4] = MONA_JSON("nested", "{\"x\":[0.1,0.7,4.9e-324]}");
  fields[5] = MONA_F64("nothing", bits(0x7ff8000000000000u));
  fields[6] = MONA_F64("short", bits(0x3fef0a3d70a3d70au));
  fields[7] = MONA_F64("zero", bits(0x8000000000000000u));
  /* The second time the keys are known. */
  for (n = 0; n < 2; n++) {
    status |= mona_context_export(context, text, MONA_NTS, bits(0x41d7242498600000u));
    status |= mona_context_export_fields(context, fields, 8, bits(3));
  }
  /* Nothing is left of these, but their times are looked at. */
  status |= mona_context_export(context, "{\"MONA_only\":1}", MONA_NTS, bits(0x7ff8000000000000u));
  status |= mona_context_export_fields(context, NULL, 0, bits(0x7fefffffffffffffu));
  snprintf(batch, sizeof batch,
           "[{\"message\":{\"x\":0.7},\"arc_class\":4.9e-324,\"context_id\":\"%s\",\"export_timestamp\":1552903200.999}]", id);
  status |= mona_client_export_batch(client, batch, MONA_NTS, &accepted);
  if (accepted != 1) status |= MONA_E_PANIC;
  mona_context_free(context);
  return status;
}

/* The ids that sampling keeps, of some that lie just at a rate. */
static mona_status sampled(char *kept) {
  static const char *const ids[] = {"run-11211920", "run-41265159", "x.y", "zzz"};
  size_t n;
  mona_options *options = mona_options_new();
  mona_client *client = NULL;
  mona_status status = mona_options_set(options, "endpoint", MONA_NTS, "memory:", MONA_NTS);
  status |= mona_options_set(options, "sample_rate", MONA_NTS, "0.3", MONA_NTS);
  status |= mona_options_set(options, "sample_rates", MONA_NTS, "{\"tenth\":0.1,\"most\":0.7}", MONA_NTS);
  status |= mona_client_new(options, &client);
  mona_options_free(options);
  for (n = 0; n < sizeof ids / sizeof ids[0]; n++) {
    static const char *const classes[] = {NULL, "tenth", "most"};
    size_t class_;
    for (class_ = 0; class_ < 3; class_++) {
      mona_stats stats;
      mona_context *context = NULL;
      uint64_t before;
      stats.size = sizeof stats;
      status |= mona_client_stats(client, &stats);
      before = stats.accepted;
      status |= mona_context_new(client, classes[class_], MONA_NTS, ids[n], MONA_NTS, MONA_NOW, &context);
      status |= mona_context_export(context, "{\"a\":1}", MONA_NTS, MONA_NOW);
      status |= mona_client_stats(client, &stats);
      *kept++ = stats.accepted > before ? '1' : '0';
      mona_context_free(context);
    }
  }
  *kept = 0;
  mona_client_free(client);
  return status;
}

static void in_memory(void) {
  static char expected[MODES][16384];
  char kept[MODES][64];
  size_t m;

  for (m = 0; m < MODES; m++) {
    mona_client *client;
    mona_status status;
    unsigned after;
    char *at = expected[m];
    size_t len = 0;
    set_mode(modes[m]);
    client = memory_client();
    status = all_events(client, "same");
    status |= mona_client_flush(client, 30000);
    while (mona_client_take(client, at, 8000, &len) == MONA_OK) {
      /* The globals are stamped with the time of now. */
      char *stamp = strstr(at, "MONA_GLOBALS") != NULL ? strstr(at, ",\"export_timestamp\"") : NULL;
      at = stamp != NULL ? stamp : at + len;
      *at++ = '\n';
      if (at - expected[m] > 8000) break;
    }
    *at = 0;
    status |= mona_client_close(client, 30000);
    status |= sampled(kept[m]);
    after = mode();
    set_mode(modes[0]);
    mona_client_free(client);
    STATUS(MONA_OK, status);
    CHECK(after == (modes[m] & 0x7ffffc0u));
    CHECK(strlen(expected[m]) > 1500);
    if (strcmp(expected[m], expected[0]) != 0 || strcmp(kept[m], kept[0]) != 0) {
      printf("mode %x:\n%s%s\nnearest:\n%s%s\n", modes[m], expected[m], kept[m], expected[0], kept[0]);
      failures++;
    }
  }
  CHECK(strcmp(kept[0], "101001111101") == 0);
}

static void to_the_endpoint(void) {
  size_t m;
  for (m = 0; m < MODES; m++) {
    char id[8];
    mona_client *client = NULL;
    mona_status status;
    snprintf(id, sizeof id, "m%d", (int)m);
    /* The sender begins in the mode of this thread. */
    set_mode(modes[m]);
    status = mona_client_new(NULL, &client);
    status |= all_events(client, id);
    status |= mona_client_close(client, 30000);
    set_mode(modes[0]);
    STATUS(MONA_OK, status);
    mona_client_free(client);
  }
}

int main(int count, char **arguments) {
  (void)arguments;
  if (count > 1) {
    to_the_endpoint();
  } else {
    in_memory();
  }
  return finish();
}
