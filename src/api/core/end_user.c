#include "api/core/end_user.h"

#include "base/log.h"
#include "base/log_limit.h"
#include "base/metrics.h"
#include "text/ip_node.h"

static void log_malformed(struct str value, size_t n, int64_t now, const struct caller *caller)
{
	static struct log_limit limit;
	const int times = log_limit_count(&limit, now);
	char shape[IP_NODE_SHAPE_SIZE];

	if (times == 0)
		return;
	ip_node_shape(value, shape);
	log_event(LOG_WARN, "end_user_address_malformed", LOG_NUMBER("times", times),
		LOG_WORD("key_id", caller->actor.id), LOG_TEXT("value_form", shape),
		LOG_TEXT("reason",
			n > 1 ? "X-End-User-Address is sent more than once"
			      : "X-End-User-Address is no IP address (value_form: 9 is a digit, a is a letter)"),
		LOG_TEXT("effect", "codes are limited by the IP address of the caller's server"),
		LOG_TEXT("action", "make this key's server send the person's IP address, or no header"));
}

void end_user_read(const struct request *request, int64_t now, struct caller *caller)
{
	static const struct str name = STR_INIT("x-end-user-address");
	const size_t n = request_header_count(request, name);
	const struct str value = request_header(request, name);

	if (n == 0)
		return;
	caller->has_end_user = n == 1 && ip_node_read(value, &caller->end_user);
	if (caller->has_end_user)
		return;
	metric_add(METRIC_BAD_END_USERS, 0, 0, 1);
	log_malformed(value, n, now, caller);
	caller->has_end_user = ip_read(request->peer, &caller->end_user);
}
