/* GET …/destinations/{id}/deliveries/, one of them, and POST …/resend/ (didit-api.md 7.1). */
#pragma once

#include "sandbox/visit.h"

void serve_delivery_list(struct visit *visit);
void serve_delivery(struct visit *visit);
/* The stored body with a fresh timestamp, signed anew, as one more event of the queue. */
void serve_delivery_resend(struct visit *visit);
