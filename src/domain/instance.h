/* The instances of the server that use one database, as the console lists them. An instance is one running
 * process. It gives a sign of life every half minute, and its row is removed when it stops. Moments are by
 * the store's clock, which all instances share. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"

#define INSTANCE_SIGN_INTERVAL seconds(30)
/* An instance whose last sign of life is older does not run any more, or does not reach the database. */
#define INSTANCE_LOST_AFTER seconds(90)
/* How long the row of such an instance is kept. */
#define INSTANCE_KEPT hours(24)
/* Number of rows that are kept: if instances crash again and again, the oldest rows are removed early. */
#define INSTANCES_MAX 100

#define INSTANCE_HOST_SIZE 65
#define INSTANCE_VERSION_SIZE 33

struct server_instance {
	struct instance_id id;
	char host[INSTANCE_HOST_SIZE];	     /* name of the machine or container */
	char version[INSTANCE_VERSION_SIZE]; /* of kycd */
	moment started_at, seen_at;
};

static inline bool instance_is_lost(const struct server_instance *instance, moment now)
{
	return !moment_is_before(now, moment_add(instance->seen_at, INSTANCE_LOST_AFTER));
}
