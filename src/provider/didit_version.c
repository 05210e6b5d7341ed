#include "provider/didit_version.h"

#include <stdio.h>

#include "text/language.h"

/* clang-format off */
static const struct didit_version versions[] = {
	/* name   path             by_key list   language event ids checks */
	{ "v1",  "/v1/session/", false,  false, false,    false,    "features" },
	{ "v2",  "/v2/session/", true,   true,  true,     true,     "workflow_id" },
	{ "v3",  "/v3/session/", true,   true,  true,     true,     "workflow_id" },
};

/* The languages of Didit's pages (didit-api.md 4.2). If a language has no exact match, language_nearest()
 * chooses the first entry with the same primary language, so the order matters. */
static const struct str languages[] = {
	STR_INIT("en"), STR_INIT("ar"), STR_INIT("bg"), STR_INIT("bn"), STR_INIT("ca"), STR_INIT("cnr"), STR_INIT("cs"), STR_INIT("da"),
	STR_INIT("de"), STR_INIT("el"), STR_INIT("es"), STR_INIT("et"), STR_INIT("fa"), STR_INIT("fi"), STR_INIT("fr"), STR_INIT("he"),
	STR_INIT("hi"), STR_INIT("hr"), STR_INIT("hu"), STR_INIT("hy"), STR_INIT("id"), STR_INIT("it"), STR_INIT("ja"), STR_INIT("ka"),
	STR_INIT("ko"), STR_INIT("lt"), STR_INIT("lv"), STR_INIT("mk"), STR_INIT("ms"), STR_INIT("nl"), STR_INIT("no"), STR_INIT("pl"),
	STR_INIT("pt-BR"), STR_INIT("pt"), STR_INIT("ro"), STR_INIT("ru"), STR_INIT("sk"), STR_INIT("sl"), STR_INIT("so"), STR_INIT("sr"),
	STR_INIT("sv"), STR_INIT("th"), STR_INIT("tr"), STR_INIT("uk"), STR_INIT("uz"), STR_INIT("vi"), STR_INIT("zh-CN"), STR_INIT("zh-TW"),
	STR_INIT("zh"),
};
/* clang-format on */

const struct didit_version *didit_version_named(struct str name)
{
	for (size_t i = 0; i < array_len(versions); i++)
		if (str_eq(name, str_of(versions[i].name)))
			return &versions[i];
	return NULL;
}

void didit_write_params(
	const struct didit_version *version, const struct session_params *params, struct json_writer *w)
{
	const size_t language = language_nearest(params->language, languages, array_len(languages));

	json_begin_object(w);
	json_field_text(w, "callback", params->callback);
	json_field_text(w, "vendor_data", params->vendor_data);
	if (params->features.n > 0)
		json_field_text(w, version->checks, params->features);
	if (version->has_language && language < array_len(languages))
		json_field_text(w, "language", languages[language]);
	json_end_object(w);
}

/* Writes "<checks>" or, if the response has a workflow version, "<checks>@<version>", because the checks of a
 * workflow id can change. Writes "" if the response names no checks or the result does not fit into `out`. */
static void format_checks(struct str checks, const struct json_value *answer, char *out, size_t size)
{
	int64_t number;
	int n;

	out[0] = '\0';
	if (checks.n == 0)
		return;
	if (json_int(json_get(answer, "workflow_version"), &number))
		n = snprintf(out, size, "%.*s@%lld", STR_ARG(checks), (long long)number);
	else
		n = snprintf(out, size, "%.*s", STR_ARG(checks));
	if (n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

void didit_read_features(const struct didit_version *version, const struct json_value *answer,
	struct provider_session *created)
{
	format_checks(json_text(json_get(answer, version->checks)), answer, created->features,
		sizeof(created->features));
}

/* v2 and v3 decisions have `workflow_id`. Their `features` is a list, which json_text() returns as an empty
 * text. */
void didit_read_decision_features(const struct json_value *decision, struct decision *out)
{
	const struct str workflow = json_text(json_get(decision, "workflow_id"));
	const struct str features = json_text(json_get(decision, "features"));

	format_checks(workflow.n > 0 ? workflow : features, decision, out->features, sizeof(out->features));
}
