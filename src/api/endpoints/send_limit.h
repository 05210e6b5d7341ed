/* The response to a call that would send an e-mail over the limits. */
#pragma once

#include "api/core/route.h"
#include "base/moment.h"

/* Responds 429 with the cause and Retry-After. */
struct reply respond_send_limited(struct call *call, bool limited_by_ip, duration wait);

/* The response, for the responses of an operation_doc. */
extern const struct json_schema send_limited_schema;
#define RESPONSE_SEND_LIMITED                                                                                \
	{                                                                                                    \
		.answer = ANSWER_OTP_SEND_LIMITED, .details = &send_limited_schema, .details_optional = true \
	}
