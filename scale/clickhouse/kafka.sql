-- On a server: instead of the table arcs_queue of arcs.sql, before its views are made. This file is not tested: ClickHouse
-- in process, in which arcs.sql is tested, has no ENGINE = Kafka.
--
-- The assembler writes in transactions: without read_committed a row of one that is taken back would be read too. A row may
-- be read twice (the engine commits its offsets behind the insert); the tables take that.

CREATE TABLE arcs_queue (line String)
ENGINE = Kafka
SETTINGS
    kafka_broker_list = 'kafka-1:9092,kafka-2:9092,kafka-3:9092',
    kafka_topic_list = 'arcs',
    kafka_group_name = 'clickhouse',
    kafka_format = 'JSONAsString',
    kafka_num_consumers = 2,
    -- Large inserts make few parts.
    kafka_max_block_size = 65536,
    kafka_flush_interval_ms = 5000,
    -- What is no JSON stops nothing; the assembler writes none such.
    kafka_skip_broken_messages = 10;

-- In the server's configuration, as librdkafka has it by default and as it has to stay:
--   <kafka><isolation_level>read_committed</isolation_level></kafka>
