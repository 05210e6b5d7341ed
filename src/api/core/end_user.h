/* The header X-End-User-Address: the IP address of the person for whom a tenant's server calls. Codes are
 * limited per address (app/core/ip_limit). */
#pragma once

#include <stdint.h>

#include "app/core/caller.h"
#include "http/message.h"

/* Reads the header into `caller`, whose other members are set. It is trusted because the request has a valid
 * API key. A header that is no IP address, or is sent twice, is counted and logged (at most once a minute;
 * `now` in ticks); then the limits apply to the address from which the request came. */
void end_user_read(const struct request *request, int64_t now, struct caller *caller);
