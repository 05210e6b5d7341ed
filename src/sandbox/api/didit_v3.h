/* Didit's API v3, and v2, which differs in little (didit-api.md 3, 4): workflows in place of `features`, a
 * decision with an array for each feature (v2: one object), events signed in all three ways. */
#pragma once

#include "sandbox/request/api_version.h"

extern const struct sandbox_api_version didit_v2, didit_v3;
