/* Counts the round trips of a program to PostgreSQL: wraps PQpipelineSync(), which kycd calls once per round
 * trip (see meson.build). */
#pragma once

/* Returns the number of round trips since the previous call, or since the program started. Thread-safe. */
int round_trips_since_last_call(void);
