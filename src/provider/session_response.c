#include "provider/session_response.h"

#include "provider/provider_ref.h"

static void read_new_status(const struct json_value *answer, struct provider_session *created)
{
	const struct str status = json_text(json_get(answer, "status"));

	if (session_status_parse(status, &created->status))
		return;
	created->status = STATUS_NOT_STARTED;
	(void)provider_word_copy(status, created->unknown_status, sizeof(created->unknown_status));
}

enum provider_reason session_response_read(const struct session_response *expected,
	const struct json_value *answer, struct arena *own, struct provider_session *created)
{
	const struct str owner = json_text(json_get(answer, "vendor_data"));

	read_new_status(answer, created);
	didit_read_features(expected->version, answer, created);
	created->url = json_text(json_get(answer, expected->url_key));
	if (!provider_ref_read(json_text(json_get(answer, "session_id")), &created->ref))
		return PROVIDER_REASON_NO_SESSION_ID;
	if (owner.n > 0 && !str_eq(owner, expected->vendor_data))
		return PROVIDER_REASON_OTHER_PERSON;
	return session_url_is_allowed(own, created->url, expected->hosts) ? PROVIDER_REASON_NONE
									  : PROVIDER_REASON_SESSION_URL;
}
