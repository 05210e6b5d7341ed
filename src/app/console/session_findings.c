#include "app/console/session_findings.h"

#include "app/core/sealed_names.h"
#include "text/json.h"

/* The document is freed, so the texts are copied. */
static enum err copy_text(struct arena *a, const struct json_value *object, const char *key, struct str *out)
{
	*out = arena_copy(a, json_text(json_get(object, key)));
	return out->p ? OK : ERR_INTERNAL;
}

static enum err read_warnings(struct arena *a, const struct json_value *list, struct session_findings *out)
{
	const size_t n = json_count(list);

	out->warnings = arena_array(a, struct session_warning, SESSION_WARNINGS_MAX);
	if (!out->warnings)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n && i < SESSION_WARNINGS_MAX; i++) {
		struct session_warning *const warning = &out->warnings[out->n_warnings++];

		TRY(copy_text(a, json_at(list, i), "feature", &warning->feature));
		TRY(copy_text(a, json_at(list, i), "risk", &warning->risk));
		warning->is_information = json_bool(json_get(json_at(list, i), "information"));
	}
	return OK;
}

static enum err read_place(struct arena *a, const struct json_value *value, struct session_place *out)
{
	struct str brand, model, platform;

	TRY(copy_text(a, value, "ip_country", &out->country));
	TRY(copy_text(a, value, "ip_city", &out->city));
	TRY(copy_text(a, value, "platform", &platform));
	TRY(copy_text(a, value, "device_brand", &brand));
	TRY(copy_text(a, value, "device_model", &model));
	out->device = arena_printf(a, "%.*s %.*s %.*s", STR_ARG(brand), STR_ARG(model), STR_ARG(platform));
	if (!out->device.p)
		return ERR_INTERNAL;
	out->device = str_trim(out->device);
	out->is_vpn = json_bool(json_get(value, "is_vpn_or_tor"));
	out->is_data_center = json_bool(json_get(value, "is_data_center"));
	return OK;
}

static enum err read_places(struct arena *a, const struct json_value *list, struct session_findings *out)
{
	const size_t n = json_count(list);

	out->places = arena_array(a, struct session_place, SESSION_PLACES_MAX);
	if (!out->places)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n && i < SESSION_PLACES_MAX; i++)
		TRY(read_place(a, json_at(list, i), &out->places[out->n_places++]));
	return OK;
}

static enum err read_results(struct arena *a, const struct json_value *list, struct session_findings *out)
{
	const size_t n = json_count(list);

	out->results = arena_array(a, struct session_result, SESSION_RESULTS_MAX);
	if (!out->results)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n && i < SESSION_RESULTS_MAX; i++) {
		struct session_result *const result = &out->results[out->n_results++];

		TRY(copy_text(a, json_at(list, i), "feature", &result->feature));
		TRY(copy_text(a, json_at(list, i), "status", &result->status));
	}
	return OK;
}

typedef enum err read_list(struct arena *a, const struct json_value *list, struct session_findings *out);

/* Reads the first line of `stored`, and removes it. A line that is missing or no JSON is treated as an empty
 * list: a stored decision must not make a person unreadable. */
static enum err read_line(struct arena *a, struct str *stored, read_list *read, struct session_findings *out)
{
	const struct json_value *list cleanup_with(json_cleanup) = NULL;
	struct str line;

	(void)str_cut(stored, '\n', &line);
	if (json_parse(line, false, &list) != OK)
		list = NULL;
	return read(a, list, out);
}

enum err session_findings_read(struct arena *a, struct str stored, struct session_findings *out)
{
	*out = (struct session_findings){ .n_warnings = 0 };
	TRY(read_line(a, &stored, read_places, out));
	TRY(read_line(a, &stored, read_warnings, out));
	return read_line(a, &stored, read_results, out);
}

enum err session_findings_load(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct session_findings *out)
{
	const struct sealed_field decision = { SEALED_SESSION_DECISION, session->id.text };
	struct str stored;

	*out = (struct session_findings){ .n_warnings = 0 };
	if (!user || user_is_erased(user) || session->sealed_decision.n == 0)
		return OK;
	TRY(user_unseal(world, tx->arena, user, &decision, session->sealed_decision, &stored));
	return session_findings_read(tx->arena, stored, out);
}

struct reasons session_findings_reasons(const struct session_findings *findings)
{
	struct reasons reasons = { 0 };

	for (size_t i = 0; i < findings->n_warnings; i++)
		if (!findings->warnings[i].is_information)
			reasons_add(&reasons, reason_of_warning(findings->warnings[i].risk));
	return reasons;
}
