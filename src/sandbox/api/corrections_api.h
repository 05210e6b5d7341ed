/* PATCH …/update-data/ and …/update-poa-data/: a reviewer corrects what was read from a document
 * (didit-api.md 4.4). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_document_correction(struct request_ctx *ctx);
void serve_address_correction(struct request_ctx *ctx);
