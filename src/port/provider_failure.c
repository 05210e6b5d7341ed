#include "port/provider_failure.h"

#include <assert.h>

static const char *const cause_names[PROVIDER_CAUSES] = {
	[PROVIDER_OK] = "fine",
	[PROVIDER_UNREACHABLE] = "provider_unreachable",
	[PROVIDER_INVALID_RESPONSE] = "provider_unreachable",
	[PROVIDER_UNUSABLE] = "provider_refused",
	[PROVIDER_REFUSED] = "provider_refused",
	[PROVIDER_CREDITS] = "provider_credits",
	[PROVIDER_LIMIT] = "provider_limit",
	[PROVIDER_UNKNOWN_SESSION] = "provider_unknown_session",
	[PROVIDER_UNKNOWN_STATUS] = "provider_unknown_status",
	[PROVIDER_PAUSED] = "provider_paused",
};

#define CHECK_NETWORK "check the network and the provider's status page; kycd tries again"
#define CHECK_URL "check KYCD_DIDIT_BASE_URL and KYCD_DIDIT_AUTH_URL, and the proxies on the way"
#define REPORT "look at the session in the provider's console, and report this line"

static const struct {
	const char *name, *action;
} reasons[PROVIDER_REASONS] = {
	[PROVIDER_REASON_NONE] = { "", "" },
	[PROVIDER_REASON_HOST_NOT_FOUND] = { "host_not_found",
		"check the name service of this machine, KYCD_DIDIT_BASE_URL and KYCD_DIDIT_AUTH_URL" },
	[PROVIDER_REASON_NOT_CONNECTED] = { "not_connected", CHECK_NETWORK },
	[PROVIDER_REASON_TLS] = { "tls",
		"check the provider's certificate with kycd doctor, the package ca-certificates, and the clock" },
	[PROVIDER_REASON_TIMEOUT] = { "timeout", CHECK_NETWORK },
	[PROVIDER_REASON_CLOSED] = { "connection_closed", CHECK_NETWORK },
	[PROVIDER_REASON_NOT_HTTP] = { "not_http", CHECK_URL },
	[PROVIDER_REASON_TOO_LARGE] = { "too_large",
		"look at the session in the provider's console; kycd reads responses of up to 8 MiB" },
	[PROVIDER_REASON_URL_REFUSED] = { "url_refused", CHECK_URL },
	[PROVIDER_REASON_SERVER_ERROR] = { "server_error", CHECK_NETWORK },
	[PROVIDER_REASON_REDIRECT] = { "redirect",
		"set KYCD_DIDIT_BASE_URL to the URL that answers without a redirect" },
	[PROVIDER_REASON_CREDENTIALS] = { "credentials",
		"compare KYCD_DIDIT_API_KEY, or client id and secret, with the provider's console" },
	[PROVIDER_REASON_PERMISSION] = { "permission",
		"give the API key the scopes read:sessions and write:sessions in the provider's console" },
	[PROVIDER_REASON_BLOCKED] = { "blocked",
		"the response is not from the provider's API: check firewalls and proxies on the way" },
	[PROVIDER_REASON_FIELDS] = { "invalid_fields",
		"for callback, allow the domain of KYCD_DIDIT_CALLBACK_URL in the provider's console; for "
		"workflow_id, check KYCD_DIDIT_WORKFLOW_ID" },
	[PROVIDER_REASON_NOT_FOUND] = { "not_found", CHECK_URL },
	[PROVIDER_REASON_BAD_REQUEST] = { "bad_request",
		"compare the settings KYCD_DIDIT_* with the provider's console" },
	[PROVIDER_REASON_CREDITS] = { "credits", "buy credits in the provider's console" },
	[PROVIDER_REASON_RATE_LIMIT] = { "rate_limit",
		"kycd waits and tries again; ask the provider for a higher limit if it lasts" },
	[PROVIDER_REASON_HTML] = { "html", CHECK_URL },
	[PROVIDER_REASON_NOT_JSON] = { "not_json", CHECK_URL },
	[PROVIDER_REASON_NO_SESSION_ID] = { "no_session_id", CHECK_URL },
	[PROVIDER_REASON_SESSION_URL] = { "session_url",
		"add the host of the provider's verification pages to KYCD_DIDIT_SESSION_HOSTS" },
	[PROVIDER_REASON_OTHER_SESSION] = { "other_session", CHECK_URL },
	[PROVIDER_REASON_OTHER_PERSON] = { "other_person", REPORT },
	[PROVIDER_REASON_UNKNOWN_STATUS] = { "unknown_status", REPORT },
	[PROVIDER_REASON_UNKNOWN_LIST] = { "unknown_list", CHECK_URL },
	[PROVIDER_REASON_TOKEN] = { "no_token", "check KYCD_DIDIT_AUTH_URL" },
};

const char *provider_cause_name(enum provider_cause c)
{
	assert(c < PROVIDER_CAUSES);
	return cause_names[c];
}

bool provider_may_have_created(enum provider_cause c)
{
	return c == PROVIDER_UNREACHABLE || c == PROVIDER_INVALID_RESPONSE || c == PROVIDER_UNUSABLE;
}

const char *provider_reason_name(enum provider_reason r)
{
	assert(r < PROVIDER_REASONS);
	return reasons[r].name;
}

const char *provider_reason_action(enum provider_reason r)
{
	assert(r < PROVIDER_REASONS);
	return reasons[r].action;
}

void provider_failure_set(
	struct provider_failure *failure, enum provider_cause cause, enum provider_reason reason)
{
	*failure = (struct provider_failure){ .cause = cause, .reason = reason, .call = failure->call };
}

size_t provider_word_copy(struct str word, char *out, size_t size)
{
	const size_t n = word.n < size ? word.n : size - 1;

	for (size_t i = 0; i < n; i++) {
		const char c = word.p[i];
		const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				      (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '.';

		out[i] = is_plain ? c : '_';
	}
	out[n] = '\0';
	return n;
}
