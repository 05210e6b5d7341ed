#include "round_trip_counter.h"

#include <stdatomic.h>

#include <libpq-fe.h>

static atomic_int round_trips;

/* With --wrap, the linker calls __wrap_NAME instead of NAME, and __real_NAME is the original. */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
int __wrap_PQpipelineSync(PGconn *conn);
int __real_PQpipelineSync(PGconn *conn);

int __wrap_PQpipelineSync(PGconn *conn)
{
	round_trips++;
	return __real_PQpipelineSync(conn);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

int round_trips_since_last_call(void)
{
	return atomic_exchange(&round_trips, 0);
}
