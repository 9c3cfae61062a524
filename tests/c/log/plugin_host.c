/* `plugin_host PLUGIN ROUNDS`: the plugin comes and goes while two threads have something to say all the time. */
#include "../common.h"

#include <dlfcn.h>
#include <pthread.h>

static int is_over;

static void *say(void *unused)
{
    while (!__atomic_load_n(&is_over, __ATOMIC_SEQ_CST)) {
        log_a_line();
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    int rounds = argc > 2 ? atoi(argv[2]) : 1, i;

    CHECK(argc > 1);
    for (i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, say, NULL) == 0);
    }
    for (i = 0; i < rounds; i++) {
        void *plugin = dlopen(argv[1], RTLD_NOW);
        mona_status (*begin)(void), (*end)(void);
        CHECK(plugin != NULL);
        *(void **)&begin = dlsym(plugin, "begin");
        *(void **)&end = dlsym(plugin, "end");
        CHECK(begin != NULL && end != NULL);
        CHECK_OK(begin());
        sleep_ms(1);
        CHECK_OK(end());
        CHECK(dlclose(plugin) == 0);
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    return 0;
}
