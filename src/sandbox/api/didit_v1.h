/* Didit's API v1 (didit-api.md 2): `features` texts, decisions with kyc, aml, face and location, events
 * signed by X-Signature alone. */
#pragma once

#include "sandbox/request/api_version.h"

extern const struct sandbox_api_version didit_v1;

/* The n-th of the eight combinations of features, from 0; false: there is none. */
bool didit_v1_combination(size_t n, unsigned *parts) must_use;
