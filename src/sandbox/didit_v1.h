/* Didit's API v1 (didit-api.md 2): `features` texts, decisions with kyc, aml, face and location, events
 * signed by X-Signature alone. */
#pragma once

#include "sandbox/version.h"

extern const struct didit_version didit_v1;
