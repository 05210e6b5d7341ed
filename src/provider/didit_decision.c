#include "provider/didit_decision.h"

#include "provider/didit_version.h"

/* Maximum length in bytes of a text that is read. Longer texts are ignored, because no valid value is that
 * long. */
#define VALUE_MAX ((size_t)256)

/* The features of a decision and their keys: v3 has a list under a plural key, v2 one object under a singular
 * key. Only matches in the blocklists of documents and faces set `blocklisted`, not those of IP addresses,
 * devices or e-mail addresses (didit-api.md 6). */
static const struct feature {
	const char *list, *object; /* `list` is the key in v3, `object` the key in v2 */
	const char *name;	   /* used for a warning that does not name its feature */
	const char *check;	   /* the name in the list of requested checks */
	bool blocks;		   /* true: a blocklist match of this feature sets `blocklisted` */
} features[] = {
	/* clang-format off */
	{ "id_verifications",        "id_verification",     "ID_VERIFICATION",     "ID_VERIFICATION",     true },
	{ "nfc_verifications",       "nfc",                 "NFC",                 "NFC",                 false },
	{ "liveness_checks",         "liveness",            "LIVENESS",            "LIVENESS",            true },
	{ "face_matches",            "face_match",          "FACE_MATCH",          "FACE_MATCH",          false },
	{ "poa_verifications",       "poa",                 "POA",                 "POA",                 false },
	{ "phone_verifications",     "phone",               "PHONE",               "PHONE",               false },
	{ "email_verifications",     "email",               "EMAIL_VERIFICATION",  "EMAIL_VERIFICATION",  false },
	{ "aml_screenings",          "aml",                 "AML",                 "AML",                 false },
	{ "ip_analyses",             "ip_analysis",         "LOCATION",            "IP_ANALYSIS",         false },
	{ "database_validations",    "database_validation", "DATABASE_VALIDATION", "DATABASE_VALIDATION", false },
	{ "questionnaire_responses", "questionnaire",       "QUESTIONNAIRE",       "QUESTIONNAIRE",       false },
	/* clang-format on */
};

/* The features whose blocklist matches count, for v1: it has all warnings in one list, and each names its
 * feature. The names of later versions are accepted too, so that no blocklist match is missed. */
static const struct str blocking_features[] = { STR_INIT("KYC"), STR_INIT("FACE"),
	STR_INIT("ID_VERIFICATION"), STR_INIT("LIVENESS") };

static bool is_blocklist_match(struct str risk)
{
	const struct str end = STR("_IN_BLOCKLIST");

	return risk.n >= end.n && str_eq_nocase(str_from(risk, risk.n - end.n), end);
}

static bool is_blocking_feature(struct str feature)
{
	for (size_t i = 0; i < array_len(blocking_features); i++)
		if (str_eq_nocase(feature, blocking_features[i]))
			return true;
	return false;
}

/* Returns true if the value has the type of this field: IP_VPN and IP_DATA_CENTER are booleans, the other
 * seven are texts (starkfi-kyc-api.md 8). */
static bool has_expected_type(enum ip_field field, const struct json_value *value)
{
	if (field == IP_VPN || field == IP_DATA_CENTER)
		return json_kind_of(value) == JSON_KIND_BOOL;
	return json_kind_of(value) == JSON_KIND_TEXT && json_text(value).n <= VALUE_MAX;
}

/* Writes the value as JSON. Writes null if the value is absent, too long or of the wrong type. */
static enum err field_as_json(
	enum ip_field field, const struct json_value *value, struct arena *a, struct str *out)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	if (has_expected_type(field, value))
		json_put_value(&w, value);
	else
		json_put_null(&w);
	return buf_done(&text, out);
}

static bool has_ip(struct str address, const struct decision *d)
{
	for (size_t i = 0; i < d->n_ips; i++)
		if (str_eq(d->ips[i].fields[IP_ADDRESS], address))
			return true;
	return false;
}

/* Reads an analysis of an IP address. Later analyses of the same address are ignored. */
static enum err read_ip_analysis(const struct json_value *item, struct arena *a, struct decision *d)
{
	struct ip_facts *const facts = &d->ips[d->n_ips];

	if (json_text(json_get(item, ip_field_name(IP_ADDRESS))).n == 0 || d->n_ips == DECISION_IPS)
		return OK;
	for (enum ip_field f = 0; f < IP_FIELDS; f++) {
		TRY(field_as_json(f, json_get(item, ip_field_name(f)), a, &facts->fields[f]));
		if (f == IP_ADDRESS && has_ip(facts->fields[f], d))
			return OK;
	}
	d->n_ips++;
	return OK;
}

static enum err add_warning(const struct warning *warning, struct arena *a, struct decision *d)
{
	struct warning copy;

	if (d->n_warnings == DECISION_WARNINGS || warning->risk.n == 0 || warning->risk.n > VALUE_MAX ||
		warning->feature.n > VALUE_MAX)
		return OK;
	copy.feature = arena_copy(a, warning->feature);
	copy.risk = arena_copy(a, warning->risk);
	copy.is_information = warning->is_information;
	if (copy.feature.p == NULL || copy.risk.p == NULL)
		return ERR_INPUT;
	d->warnings[d->n_warnings++] = copy;
	return OK;
}

/* `of` is the feature that the warnings belong to. In v1 it is NULL, because each warning names its own
 * feature. */
static enum err read_warnings(
	const struct json_value *warnings, const struct feature *of, struct arena *a, struct decision *d)
{
	for (size_t i = 0; i < json_count(warnings); i++) {
		const struct json_value *item = json_at(warnings, i);
		struct warning warning = { json_text(json_get(item, "feature")),
			json_text(json_get(item, "risk")),
			str_eq_nocase(json_text(json_get(item, "log_type")), STR("information")) };
		const bool blocks = of ? of->blocks : is_blocking_feature(warning.feature);

		if (of && warning.feature.n == 0)
			warning.feature = str_of(of->name);
		/* All warnings are checked for blocklist matches, even those that are not stored because
		 * DECISION_WARNINGS is reached. */
		d->blocklisted = d->blocklisted || (blocks && is_blocklist_match(warning.risk));
		TRY(add_warning(&warning, a, d));
	}
	return OK;
}

static bool has_result(const struct decision *d, struct str check)
{
	for (size_t i = 0; i < d->n_results; i++)
		if (str_eq_nocase(d->results[i].feature, check))
			return true;
	return false;
}

static enum err add_result(struct str check, struct str status, struct arena *a, struct decision *d)
{
	struct feature_result *const result = &d->results[d->n_results];

	if (d->n_results == DECISION_RESULTS || status.n > VALUE_MAX || check.n > VALUE_MAX)
		return OK;
	*result = (struct feature_result){ arena_copy(a, check), arena_copy(a, status) };
	if (result->feature.p == NULL || result->status.p == NULL)
		return ERR_INPUT;
	d->n_results++;
	return OK;
}

/* Adds the result of a section that has run. */
static enum err read_result(
	const struct json_value *section, const char *check, struct arena *a, struct decision *d)
{
	const struct str status = json_text(json_get(section, "status"));

	return status.n > 0 ? add_result(str_of(check), status, a, d) : OK;
}

/* Adds the requested checks that have not run. v1 lists the requested checks in a text, in other words. */
static enum err read_requested(const struct json_value *decision, struct arena *a, struct decision *d)
{
	const struct json_value *const list = json_get(decision, "features");

	for (size_t i = 0; i < json_count(list); i++) {
		const struct str check = json_text(json_at(list, i));

		if (check.n > 0 && !has_result(d, check))
			TRY(add_result(check, STR(""), a, d));
	}
	return OK;
}

static enum err read_item(
	const struct json_value *item, const struct feature *feature, struct arena *a, struct decision *d)
{
	if (json_kind_of(item) != JSON_KIND_OBJECT)
		return OK;
	if (str_eq(str_of(feature->object), STR("ip_analysis")))
		TRY(read_ip_analysis(item, a, d));
	TRY(read_result(item, feature->check, a, d));
	return read_warnings(json_get(item, "warnings"), feature, a, d);
}

static enum err read_feature(
	const struct json_value *decision, const struct feature *feature, struct arena *a, struct decision *d)
{
	const struct json_value *const list = json_get(decision, feature->list);

	for (size_t i = 0; i < json_count(list); i++)
		TRY(read_item(json_at(list, i), feature, a, d));
	return read_item(json_get(decision, feature->object), feature, a, d);
}

enum err decision_read(const struct json_value *decision, struct arena *a, struct decision *out)
{
	struct decision d = { .n_ips = 0 };

	/* v1; its section `aml` has the key of v2 */
	TRY(read_result(json_get(decision, "kyc"), "KYC", a, &d));
	TRY(read_result(json_get(decision, "face"), "FACE", a, &d));
	TRY(read_result(json_get(decision, "location"), "LOCATION", a, &d));
	TRY(read_ip_analysis(json_get(decision, "location"), a, &d));
	TRY(read_warnings(json_get(decision, "warnings"), NULL, a, &d));
	/* v2 and v3 */
	for (size_t i = 0; i < array_len(features); i++)
		TRY(read_feature(decision, &features[i], a, &d));
	TRY(read_requested(decision, a, &d));
	didit_read_decision_features(decision, &d);
	*out = d;
	return OK;
}
