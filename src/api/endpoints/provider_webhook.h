/* POST /webhooks/didit: events of the identity provider. */
#pragma once

#include "api/core/route.h"

extern const struct route didit_webhook_route;
