/* The header Idempotency-Key: a POST that is repeated with the same key is answered with the first answer
 * (app/core/idempotency.h). */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"

#define IDEMPOTENCY_KEY_HEADER "Idempotency-Key"
#define IDEMPOTENCY_REPLAYED_HEADER "Idempotency-Replayed"

/* Returns whether the route takes the header. */
bool idempotent_applies_to(const struct route *route);
/* Runs the endpoint with `run`, or returns its first answer if the call repeats an earlier one. Calls without
 * the header, or without an API key, are only run. Called after all checks before the endpoint. */
struct reply idempotent_run(struct call *call, struct reply (*run)(struct call *call));
