/* The form of a new API key: on the page of the tenant, and alone if it was refused. */
#pragma once

#include <stdbool.h>

#include "app/admin/operator.h"
#include "base/arena.h"
#include "web/console/form_page.h"
#include "web/console/request.h"

enum { KEY_LABEL, KEY_SCOPES, KEY_DAYS, KEY_NETWORKS, KEY_INPUTS };

/* What the operator entered. */
struct key_input {
	struct form_input inputs[KEY_INPUTS];
	struct form_choice scopes[SCOPE_COUNT - 1];
	char allow_from[ALLOW_FROM_SIZE];
	struct key_params params; /* without the tenant; only if no input has a fault */
};

/* The empty form. */
struct form_values key_form_values(struct arena *a);
/* Reads and checks the form. `params` points into `out`. Returns false and sets `refused` if the request is
 * no form. */
bool key_form_read(
	const struct console_request *request, struct key_input *out, struct reply *refused) must_use;
bool key_form_has_fault(const struct key_input *input);
/* Responds with the form, filled in. */
struct reply key_form_show(
	const struct console_request *request, const struct key_input *input, bool needs_step_up);
