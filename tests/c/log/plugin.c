/* A plugin with a function for log lines, which it takes away before it goes. */
#include <mona.h>

static volatile int lines;

static void on_line(int32_t level, const char *line, size_t len, void *user_data)
{
    int i;
    (void)level, (void)line, (void)user_data;
    /* Long enough to be met. */
    for (i = 0; i < 20000; i++) {
        lines += len != 0;
    }
}

mona_status begin(void);
mona_status end(void);

mona_status begin(void) { return mona_log_set_callback(on_line, 0); }

mona_status end(void) { return mona_log_set_callback(0, 0); }
