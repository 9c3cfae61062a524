/*
 * The options in force, as texts of libmona.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <mona.h>

/* The description of a client, for free(); NULL if there is none. */
char *describe_client(const mona_client *client);

/* The description of a client with the options that programs have, for free(); NULL if there is none. */
char *describe_as_programs(const mona_client *client, const mona_options *as_programs);

#endif
