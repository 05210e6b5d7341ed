/* Didit's API v1 (didit-api.md 2): create requests name a combination of features, decisions have the
 * sections kyc, aml, face and location, and events have only one signature, X-Signature. */
#pragma once

#include "sandbox/request/api_version.h"

extern const struct sandbox_api_version didit_v1;

/* Sets `parts` to the checks of the n-th of the eight feature combinations, counted from 0. Returns false if
 * there is no such combination. */
bool didit_v1_combination(size_t n, unsigned *parts) must_use;
