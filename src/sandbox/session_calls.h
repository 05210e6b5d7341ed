/* The session API: the calls that all versions share; what differs comes from the visit's version. Each
 * answers. */
#pragma once

#include "sandbox/visit.h"

void serve_create(struct visit *visit);
void serve_decision(struct visit *visit);
void serve_report(struct visit *visit);
void serve_delete(struct visit *visit);
/* By their numbers, or all; numbers that are none are passed over. */
void serve_delete_many(struct visit *visit);
void serve_catalogue(struct visit *visit);
