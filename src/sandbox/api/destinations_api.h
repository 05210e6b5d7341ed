/* Webhook destinations (didit-api.md 7.1): create, list, read, change, delete. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_destination_create(struct request_ctx *ctx);
void serve_destination_list(struct request_ctx *ctx);
void serve_destination(struct request_ctx *ctx);
void serve_destination_change(struct request_ctx *ctx);
void serve_destination_delete(struct request_ctx *ctx);
