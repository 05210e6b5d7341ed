/* POST /webhooks/didit: receives events from the identity provider. */
#pragma once

#include "api/core/route.h"

extern const struct route didit_webhook_route;
