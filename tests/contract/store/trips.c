#include "trips.h"

#include <stdatomic.h>

#include <libpq-fe.h>

static atomic_int trips;

/* The linker's words for what stands before a function, and for the function (--wrap). */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
int __wrap_PQpipelineSync(PGconn *conn);
int __real_PQpipelineSync(PGconn *conn);

int __wrap_PQpipelineSync(PGconn *conn)
{
	trips++;
	return __real_PQpipelineSync(conn);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

int trips_taken(void)
{
	return atomic_exchange(&trips, 0);
}
