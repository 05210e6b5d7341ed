/* What an admin changes about webhook endpoints in the console. Each function sets `verdict`, and its results
 * only if that is CONSOLE_PERMITTED, unless it says otherwise. ERR_NOT_FOUND: there is no such tenant or
 * endpoint. The result's refusal says what is wrong with the values; then nothing was changed. Creating and
 * rotating a secret use up a step-up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/console/webhooks.h"
#include "app/operator/access.h"
#include "app/webhook/endpoint.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Deliveries that one act queues again. */
#define CONSOLE_RESEND_MAX 2000

/* The values of an endpoint: of a new one of the tenant of this name, or of the one with this id. */
struct console_endpoint_input {
	struct str tenant;
	struct endpoint_id id;
	struct webhook_change change;
};
/* Creates an endpoint. The refusal is also set if the verdict is
 * CONSOLE_STEP_UP_NEEDED. `out->secret` is shown once; the caller wipes it. */
enum err console_endpoint_create(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_input *input,
	struct webhook_result *out, enum console_verdict *verdict) must_use;
enum err console_endpoint_change(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_input *input,
	struct webhook_result *out, enum console_verdict *verdict) must_use;
enum err console_endpoint_remove(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id,
	enum console_verdict *verdict) must_use;
/* The present secret signs too for WEBHOOK_OVERLAP_DEFAULT_SECONDS. */
enum err console_endpoint_rotate(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id, struct webhook_result *out,
	enum console_verdict *verdict) must_use;

struct console_resend_result {
	struct webhook_refusal refusal;
	int64_t queued;
	bool has_more; /* the act reached its limit: repeating it queues others */
};
/* Queues the failed deliveries again, those of the oldest events first. */
enum err console_endpoint_resend_failed(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id, struct console_resend_result *out,
	enum console_verdict *verdict) must_use;
