#include "api/endpoints/send_limit.h"

#include "base/attr.h"

static const struct {
	const char *cause, *explanation;
} limits[] = {
	{ "person", "too many codes for this person, counted over all tenants of the group" },
	{ "ip_address",
		"too many codes at the request of one IP address: that of X-End-User-Address, or of your server "
		"if that header is not an IP address" },
};

struct reply respond_send_limited(struct call *call, bool limited_by_ip, duration wait)
{
	const size_t limit = limited_by_ip ? 1 : 0;
	struct reply reply = respond_cause(call->arena, ANSWER_OTP_SEND_LIMITED, (struct str){ NULL, 0 },
		str_of(limits[limit].cause), str_of(limits[limit].explanation));

	if (reply.n_headers == 0) /* the response if the arena is full has it already */
		respond_add_retry_after(call->arena, &reply, wait);
	return reply;
}

static const char *limit_values(size_t i)
{
	return i < array_len(limits) ? limits[i].cause : NULL;
}

/* clang-format off */
static const struct schema_member limited_members[] = {
	CAUSE_MEMBERS("person", "Whose limit is reached.", limit_values, "too many codes for this person, counted over all tenants of the group"),
};
const struct json_schema send_limited_schema = SCHEMA(limited_members);
/* clang-format on */
