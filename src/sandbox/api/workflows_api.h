/* The workflows API (didit-api.md 4.4). Besides the workflows that it creates there are eight built-in ones,
 * which cannot be changed: the ids 00000000-0000-4000-8000-000000000001 to …08 mean v1's eight feature
 * combinations (interface.md 4). Each serve function writes the response. */
#pragma once

#include "sandbox/request/request_ctx.h"

/* Returns the checks of the workflow with this id, which must be in lower case. An id that no workflow has
 * means all checks. */
unsigned workflow_parts(const struct sandbox_ctx *sandbox, struct str id);

void serve_workflow_list(struct request_ctx *ctx);
void serve_workflow_create(struct request_ctx *ctx);
void serve_workflow(struct request_ctx *ctx);
void serve_workflow_change(struct request_ctx *ctx);
void serve_workflow_delete(struct request_ctx *ctx);
