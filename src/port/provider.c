#include "port/provider.h"

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
	[PROVIDER_PAUSED] = "provider_paused",
};

static const char *const ip_field_names[IP_FIELDS] = {
	[IP_ADDRESS] = "ip_address",
	[IP_COUNTRY] = "ip_country",
	[IP_STATE] = "ip_state",
	[IP_CITY] = "ip_city",
	[IP_PLATFORM] = "platform",
	[IP_BRAND] = "device_brand",
	[IP_MODEL] = "device_model",
	[IP_VPN] = "is_vpn_or_tor",
	[IP_DATA_CENTER] = "is_data_center",
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

void provider_word_copy(struct str word, char out[PROVIDER_WORD_SIZE])
{
	const size_t n = word.n < PROVIDER_WORD_SIZE ? word.n : PROVIDER_WORD_SIZE - 1;

	for (size_t i = 0; i < n; i++) {
		const char c = word.p[i];
		const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				      (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '.';

		out[i] = is_plain ? c : '_';
	}
	out[n] = '\0';
}

const char *ip_field_name(enum ip_field f)
{
	assert(f < IP_FIELDS);
	return ip_field_names[f];
}
