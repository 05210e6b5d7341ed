/* Didit's API v3 and the similar v2 (didit-api.md 3, 4): create requests name a workflow, decisions have an
 * array for each feature (in v2 one object), and events have all three signatures. */
#pragma once

#include "sandbox/request/api_version.h"

extern const struct sandbox_api_version didit_v2, didit_v3;
