/* Heartbeats: named moments that kycd stores for its own use, for example when a background task last
 * succeeded. */
#pragma once

#include "base/moment.h"
#include "domain/id.h"

struct heartbeat {
	char name[ID_SIZE];
	moment at;
};
