#include "app/webhook/sample_event.h"

#include <string.h>

#define SESSION "\"session_id\":\"11111111-2222-3333-4444-555555555555\""
#define KYC(status)                                                                                          \
	"{\"reference\":\"sample-1\",\"status\":\"" status                                                   \
	"\",\"previous_status\":\"pending\",\"approved\":false," SESSION ",\"reasons\":[]}"
#define NO_MEMBERS "{\"reference\":\"sample-1\"}"

/* The members of `data` that are stored sealed in real events. */
static const char *const members[EVENT_TYPE_COUNT] = {
	[EVENT_NONE] = "{}",
	[EVENT_USER_PREPARED] = NO_MEMBERS,
	[EVENT_USER_EMAIL_VERIFIED] = NO_MEMBERS,
	[EVENT_USER_WALLET_VERIFIED] = NO_MEMBERS,
	[EVENT_USER_LINKED] = "{\"reference\":\"sample-1\",\"merged_user_id\":null}",
	[EVENT_SESSION_CREATED] = "{\"reference\":\"sample-1\"," SESSION "}",
	[EVENT_SESSION_UPDATED] =
		"{\"reference\":\"sample-1\"," SESSION
		",\"session_status\":\"In Review\",\"previous_session_status\":\"In Progress\"}",
	[EVENT_KYC_UPDATED] = KYC("in_review"),
	[EVENT_KYC_APPROVED] =
		"{\"reference\":\"sample-1\",\"status\":\"approved\",\"previous_status\":\"in_review\","
		"\"approved\":true," SESSION ",\"reasons\":[]}",
	[EVENT_KYC_DECLINED] =
		"{\"reference\":\"sample-1\",\"status\":\"declined\",\"previous_status\":\"in_review\","
		"\"approved\":false," SESSION ",\"reasons\":[\"document_expired\"]}",
	[EVENT_KYC_IN_REVIEW] = KYC("in_review"),
	[EVENT_KYC_EXPIRED] = KYC("expired"),
	[EVENT_EMAIL_FAILED] = "{\"reference\":\"sample-1\",\"message\":\"code\",\"reason\":\"refused\"}",
	[EVENT_QUOTA_THRESHOLD_REACHED] = "{\"used\":80,\"limit\":100,\"percent\":80}",
	[EVENT_USER_ERASED] = NO_MEMBERS,
	[EVENT_WEBHOOK_ENDPOINT_DISABLED] =
		"{\"endpoint_id\":\"we_00000000000000000000000000\",\"reason\":\"gone\"}",
};

static bool has_person(enum event_type type)
{
	return type != EVENT_QUOTA_THRESHOLD_REACHED && type != EVENT_WEBHOOK_ENDPOINT_DISABLED;
}

void sample_event_fill(enum event_type type, struct event *event, struct event_content *content)
{
	event->type = type;
	event->sequence = event->created_at.ms;
	if (has_person(type))
		memcpy(event->public_user_id.text, event->id.text, sizeof(event->public_user_id.text));
	if (type == EVENT_USER_PREPARED)
		(void)!str_copy_to(STR("email"), event->detail, sizeof(event->detail));
	*content = (struct event_content){ .members = str_of(members[type]),
		.email = STR("sample@example.com"),
		.session_url = STR("https://verify.example.com/session/sample") };
}

bool sample_event_type_read(struct str name, enum event_type *out)
{
	for (int type = EVENT_NONE + 1; type < EVENT_TYPE_COUNT; type++) {
		if (!str_eq(name, str_of(event_type_name((enum event_type)type))))
			continue;
		*out = (enum event_type)type;
		return true;
	}
	return false;
}
