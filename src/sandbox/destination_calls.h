/* Webhook destinations (didit-api.md 7.1): made, listed, looked at, changed, removed. */
#pragma once

#include "sandbox/visit.h"

void serve_destination_create(struct visit *visit);
void serve_destination_list(struct visit *visit);
void serve_destination(struct visit *visit);
void serve_destination_change(struct visit *visit);
void serve_destination_delete(struct visit *visit);
