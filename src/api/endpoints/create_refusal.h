/* The response 403 `kyc_not_approved` of create: the person may have no other session. */
#pragma once

#include "api/core/route.h"
#include "app/session/create.h"

/* For CREATE_OUTCOME_REFUSED. */
struct reply respond_create_refused(struct call *call, const struct create_result *created);
/* Of its `details`. */
extern const struct json_schema create_refusal_schema;
