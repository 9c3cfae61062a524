package dev.libmona;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log lines into SLF4J; loaded only where that is. */
final class Slf4jSink implements Log.Sink {
    private final Logger logger;

    Slf4jSink(String name) {
        logger = LoggerFactory.getLogger(name);
    }

    @Override
    public void say(int level, String line) {
        if (level >= Constants.LOG_ERROR) {
            logger.error("{}", line);
        } else if (level >= Constants.LOG_WARNING) {
            logger.warn("{}", line);
        } else if (level >= Constants.LOG_INFO) {
            logger.info("{}", line);
        } else {
            logger.debug("{}", line);
        }
    }
}
