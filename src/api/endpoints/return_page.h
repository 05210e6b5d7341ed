/* GET /return: the page to which the provider sends the person's browser after the check. */
#pragma once

#include "api/core/route.h"

extern const struct route return_route;
