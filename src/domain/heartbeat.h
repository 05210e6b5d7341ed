/* Named moments that kycd stores for itself, for example when a background task last succeeded. */
#pragma once

#include "base/moment.h"
#include "domain/id.h"

struct heartbeat {
	char name[ID_SIZE];
	moment at;
};
