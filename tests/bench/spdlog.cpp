/*
 * spdlog's asynchronous logger behind the C interface of a peer: one worker thread, the oldest line makes
 * room when its queue is full, and a sink that keeps nothing. A line has the values of the typical event.
 */
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

namespace {

/* spdlog's own default for its queue. */
constexpr std::size_t queue_lines = 8192;

struct Peer {
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

} // namespace

extern "C" {

void *peer_spdlog_open()
{
    try {
        auto peer = std::make_unique<Peer>();
        peer->pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
        auto sink = std::make_shared<spdlog::sinks::null_sink_mt>();
        peer->logger = std::make_shared<spdlog::async_logger>("bench", std::move(sink), peer->pool,
                                                              spdlog::async_overflow_policy::overrun_oldest);
        peer->logger->set_pattern("%v");
        return peer.release();
    } catch (...) {
        return nullptr;
    }
}

void peer_spdlog_log(void *handle, double confidence, double latency_ms, std::int64_t batch)
{
    auto *peer = static_cast<Peer *>(handle);
    peer->logger->info("model={} confidence={} latency_ms={} label={} batch={} country={} is_mobile={}",
                       "resnet50-v3", confidence, latency_ms, "cat", batch, "IL", true);
}

void peer_spdlog_settle(void *handle)
{
    auto *peer = static_cast<Peer *>(handle);
    while (peer->pool->queue_size() > 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
}

void peer_spdlog_close(void *handle)
{
    delete static_cast<Peer *>(handle);
}

} // extern "C"
