/* Webhook destinations (didit-api.md 7.1): creates, lists, reads, changes and deletes them. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_destination_create(struct request_ctx *ctx);
void serve_destination_list(struct request_ctx *ctx);
void serve_destination(struct request_ctx *ctx);
void serve_destination_change(struct request_ctx *ctx);
void serve_destination_delete(struct request_ctx *ctx);
