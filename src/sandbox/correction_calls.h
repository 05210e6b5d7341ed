/* PATCH …/update-data/ and …/update-poa-data/: a reviewer corrects what was read (didit-api.md 4.4). */
#pragma once

#include "sandbox/visit.h"

void serve_correct_document(struct visit *visit);
void serve_correct_address(struct visit *visit);
