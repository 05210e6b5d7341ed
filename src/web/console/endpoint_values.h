/* How the pages of webhook endpoints show an endpoint. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "domain/webhook_endpoint.h"

/* Returns the id as it is shown, we_…. On failure `p` is NULL. */
struct str console_endpoint_id(struct arena *a, const struct endpoint_id *id);
/* Returns the state in words. */
const char *console_endpoint_state(enum webhook_endpoint_state state);
