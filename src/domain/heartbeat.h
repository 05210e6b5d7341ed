/* Moments that the program keeps for itself, each under a name. */
#pragma once

#include "base/moment.h"
#include "domain/id.h"

struct heartbeat {
	char name[ID_SIZE];
	moment at;
};
