/** Client for Mona, a service that monitors algorithms in production. */
module dev.libmona {
    requires static org.slf4j;

    exports dev.libmona;
}
