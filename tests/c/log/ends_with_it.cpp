/*
 * What the function needs is destroyed when the program ends: an object made before the function was set, and one
 * that its first call makes. Threads have something to say all the while, and nobody takes the function away. The
 * program goes on until the first call has returned: before that no library can know what the call made.
 */
#include "../common.h"

#include <atomic>
#include <pthread.h>
#include <sys/mman.h>

namespace {

/* Memory that is gone after the destructor: a late use is a crash. */
class Needed {
public:
    Needed() : page_(static_cast<volatile long *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
    {
    }
    ~Needed()
    {
        munmap(const_cast<long *>(page_), 4096);
        sleep_ms(5);
    }
    void use() { page_[0] = page_[0] + 1; }
    long used() const { return page_[0]; }

private:
    volatile long *page_;
};

constexpr int THREADS = 2;

Needed made_before;
std::atomic<int> have_said{0};

void on_line(int32_t, const char *, size_t, void *)
{
    static Needed made_by_the_first_call;
    for (int i = 0; i < 2000; i++) {
        made_before.use();
        made_by_the_first_call.use();
    }
}

void *say(void *)
{
    log_a_line();
    have_said++;
    for (;;) {
        log_a_line();
    }
}

}

int main()
{
    pthread_t thread;

    CHECK_OK(mona_log_set_callback(on_line, nullptr));
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread, nullptr, say, nullptr) == 0);
    }
    while (have_said < THREADS) {
        sleep_ms(1);
    }
    CHECK(made_before.used() > 0);
    return 0;
}
