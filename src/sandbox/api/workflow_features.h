/* The features of workflows: their names in workflow definitions, which differ from those in decisions
 * (didit-api.md 4.3), and the older on-off fields. */
#pragma once

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

/* Sets `parts` to the checks that the body of a create or change request selects: `features` replaces all of
 * them, and each on-off field, such as `is_aml_enabled`, changes one. Document and location stay included. If
 * a field is invalid, writes the error response and returns false. */
bool workflow_read_parts(struct request_ctx *ctx, const struct json_value *body, unsigned *parts);
/* Returns the names of the features joined by " + ". `p` is NULL if the arena is full. */
struct str workflow_features_text(struct arena *a, unsigned parts);
/* Writes the members `features`, `workflow_graph` and the on-off fields. */
void workflow_put_features(struct json_writer *w, unsigned parts);
