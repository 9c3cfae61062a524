package dev.libmona.assembler;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound for the memory of RocksDB in this process. By itself each partition takes 98 MB, which is more than all ARCs.
 *
 * <p>RocksDB needs its own class for this; Kafka Streams makes one for each store.
 */
public final class Buffers implements RocksDBConfigSetter {
    static final String CACHE = "mona.store.cache";
    static final String WRITES = "mona.store.buffers";

    /** A partition whose memory is full writes a file; of less than this there would be too many. */
    private static final long ONE_BUFFER = 8 << 20;
    private static final int BITS_OF_FILTER = 10;
    private static final int BLOCK = 16 << 10;

    private static Cache cache;
    private static WriteBufferManager writes;

    private static synchronized void share(long cacheBytes, long writeBytes) {
        if (cache == null) {
            RocksDB.loadLibrary();
            // What is written counts in the cache, so that this is the bound of both.
            cache = new LRUCache(cacheBytes + writeBytes);
            writes = new WriteBufferManager(writeBytes, cache);
        }
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        share(((Number) configs.get(CACHE)).longValue(), ((Number) configs.get(WRITES)).longValue());
        // Its own, of which it asks what is in the cache.
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(cache);
        table.setBlockSize(BLOCK);
        table.setCacheIndexAndFilterBlocks(true);
        table.setPinTopLevelIndexAndFilter(true);
        table.setFilterPolicy(new BloomFilter(BITS_OF_FILTER));
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(writes);
        options.setWriteBufferSize(ONE_BUFFER);
        options.setMaxWriteBufferNumber(3);
        // What lives for minutes is hardly worth compressing.
        options.setCompressionType(CompressionType.LZ4_COMPRESSION);
    }

    @Override
    public void close(String store, Options options) {
        // What all stores share stays until the process ends.
    }
}
