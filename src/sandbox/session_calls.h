/* The session API: the calls that all versions share; what differs comes from the visit's version. Each
 * answers. */
#pragma once

#include "sandbox/visit.h"

void create_session(struct visit *visit);
void read_decision(struct visit *visit);
void update_status(struct visit *visit);
void generate_report(struct visit *visit);
void delete_session(struct visit *visit);
void list_scenarios(struct visit *visit);
