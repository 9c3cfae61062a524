package dev.libmona;

/** Log lines into the platform's own logging. */
final class SystemSink implements Log.Sink {
    private final System.Logger logger;

    SystemSink(String name) {
        logger = System.getLogger(name);
    }

    @Override
    public void say(int level, String line) {
        System.Logger.Level as = level >= Constants.LOG_ERROR ? System.Logger.Level.ERROR
                : level >= Constants.LOG_WARNING ? System.Logger.Level.WARNING
                : level >= Constants.LOG_INFO ? System.Logger.Level.INFO : System.Logger.Level.DEBUG;
        logger.log(as, () -> line);
    }
}
