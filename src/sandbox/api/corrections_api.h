/* PATCH …/update-data/ and …/update-poa-data/, with which a reviewer corrects the data that was read from a
 * document (didit-api.md 4.4). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_document_correction(struct request_ctx *ctx);
void serve_address_correction(struct request_ctx *ctx);
