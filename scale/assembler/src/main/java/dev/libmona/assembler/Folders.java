package dev.libmona.assembler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;

/**
 * Keeps the folders of state young that are in use. Kafka Streams goes by the time of the folder itself, at a start and when
 * a partition was handed on, and RocksDB writes only into folders below: without this one of an hour ago would be old while
 * its store was written to a second ago, and all of it would be read out of Kafka again.
 */
final class Folders {
    private final Path folder;

    Folders(Settings settings) {
        folder = Path.of(settings.stateDirectory, settings.application);
    }

    /** Of the partitions that this process has now. */
    void touch(KafkaStreams streams) {
        Set<String> tasks = new TreeSet<>();
        try {
            for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
                for (TaskMetadata task : thread.activeTasks()) {
                    tasks.add(task.taskId().toString());
                }
                for (TaskMetadata task : thread.standbyTasks()) {
                    tasks.add(task.taskId().toString());
                }
            }
        } catch (IllegalStateException notRunning) {
            return;
        }
        touch(tasks);
    }

    void touch(Set<String> tasks) {
        FileTime now = FileTime.fromMillis(System.currentTimeMillis());
        for (String task : tasks) {
            try {
                Files.setLastModifiedTime(folder.resolve(task), now);
            } catch (IOException none) {
                // One without a store, or gone this moment.
            }
        }
    }
}
