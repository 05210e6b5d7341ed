/* PATCH …/update-data/ and …/update-poa-data/: a reviewer corrects what was read (didit-api.md 4.4). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_correct_document(struct request_ctx *ctx);
void serve_correct_address(struct request_ctx *ctx);
