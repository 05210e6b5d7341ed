#include "sandbox/decision/json_template.h"

#include <stddef.h>

#include "base/attr.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/fake_person.h"

/* Values that depend on the scenario that was run. If several rows have the same name, the first row that
 * applies is used. A row without a slug always applies. */
/* clang-format off */
static const struct scenario_override {
	struct str name;
	const char *slug, *template;
} scenario_overrides[] = {
	{ STR_INIT("personal_number"), NULL,                              "'00000000'" },
	{ STR_INIT("issued"),        NULL,                                "'2015-05-07'" },
	{ STR_INIT("issuing_state"), NULL,                                "$country3" },
	{ STR_INIT("issuing_state_name"), NULL,                           "$country" },
	{ STR_INIT("nationality"),   NULL,                                "$country3" },
	{ STR_INIT("birth_place"),   NULL,                                "$city" },
	{ STR_INIT("marital_status"), NULL,                               "'UNKNOWN'" },
	{ STR_INIT("poa_document_type"), NULL,                            "'UTILITY_BILL'" },
	{ STR_INIT("poa_language"),  NULL,                                "$language" },
	{ STR_INIT("poa_issuing_state"), NULL,                            "$country3" },
	{ STR_INIT("poa_issuer"),    NULL,                                "'Example Water Works'" },
	{ STR_INIT("poa_issued"),    NULL,                                "'2025-12-01'" },
	{ STR_INIT("poa_expires"),   NULL,                                "null" },
	{ STR_INIT("poa_name"),      NULL,                                "$full_name" },
	{ STR_INIT("mrz"),           NULL,
		"{'surname':$last_name,'name':$first_name,'country':$issuing_state,'nationality':$nationality,"
		"'birth_date':$birth,'expiry_date':$expires,'sex':$gender,'document_number':$document_number,"
		"'warnings':[],'errors':$mrz_errors}" },
	{ STR_INIT("mrz_errors"),    "decline_mrz_validation",            "['final hash']" },
	{ STR_INIT("mrz_errors"),    NULL,                                "[]" },
	{ STR_INIT("liveness"),      "decline_liveness_attack",           "12.5" },
	{ STR_INIT("liveness"),      NULL,                                "89.9" },
	{ STR_INIT("face_match"),    "decline_face_match_low_similarity", "38.2" },
	{ STR_INIT("face_match"),    "review_face_match_borderline",      "61.7" },
	{ STR_INIT("face_match"),    NULL,                                "96.4" },
	{ STR_INIT("face_matches"),  "decline_face_blocklist",            "[{'session_id':'c0a1b2c3-1111-4222-8333-444455556666',"
	                                                                  "'similarity_percentage':98.1,'is_blocklisted':true}]" },
	{ STR_INIT("face_matches"),  NULL,                                "[]" },
	{ STR_INIT("documents"),     "decline_document_blocklist",        "[{'session_id':'c0a1b2c3-1111-4222-8333-444455556666',"
	                                                                  "'is_blocklisted':true}]" },
	{ STR_INIT("documents"),     NULL,                                "[]" },
	{ STR_INIT("poa_street"),    "decline_poa_address_mismatch",      "'Example Road 99, Nowhere'" },
	{ STR_INIT("poa_street"),    NULL,                                "$street" },
	{ STR_INIT("poa_address"),   "decline_poa_address_mismatch",      "'Example Road 99, 00000 Nowhere'" },
	{ STR_INIT("poa_address"),   NULL,                                "$address" },
	{ STR_INIT("poa_name_score"), "review_poa_partial_match",         "71.4" },
	{ STR_INIT("poa_name_score"), NULL,                               "98.6" },
	{ STR_INIT("chip_intact"),   "decline_nfc_chip_not_verified",     "false" },
	{ STR_INIT("chip_intact"),   NULL,                                "true" },
	{ STR_INIT("match_type"),    "decline_database_no_match",         "'no_match'" },
	{ STR_INIT("match_type"),    NULL,                                "'full_match'" },
	{ STR_INIT("field_match"),   "decline_database_no_match",         "'no_match'" },
	{ STR_INIT("field_match"),   NULL,                                "'full_match'" },
	{ STR_INIT("aml_hits"),      "decline_aml_hit",                   "1" },
	{ STR_INIT("aml_hits"),      "review_aml_possible_match",         "1" },
	{ STR_INIT("aml_hits"),      NULL,                                "0" },
	{ STR_INIT("aml_score"),     "decline_aml_hit",                   "92.5" },
	{ STR_INIT("aml_score"),     "review_aml_possible_match",         "62.5" },
	{ STR_INIT("aml_score"),     NULL,                                "0" },
	{ STR_INIT("aml_list"),      "decline_aml_hit",                   "[$aml_hit]" },
	{ STR_INIT("aml_list"),      "review_aml_possible_match",         "[$aml_hit]" },
	{ STR_INIT("aml_list"),      NULL,                                "[]" },
	{ STR_INIT("aml_hit"),       NULL,
		"{'id':'hit-1','url':'https://lists.example/hit-1','match':false,'score':0.62,'match_score':62.0,"
		"'risk_score':$aml_score,'review_status':'Unreviewed','target':true,'caption':'Anna Example',"
		"'datasets':['example_list'],'features':{'name_match':0.62},'rca_name':null,'first_seen':'2024-01-01T00:00:00',"
		"'last_seen':'2025-12-01T00:00:00','risk_view':{'total':$aml_score},'properties':{'name':['Anna Example'],'alias':[],"
		"'notes':[],'gender':['female'],'topics':['role.pep'],'position':['Mayor']},"
		"'score_breakdown':{'name_score':62.0,'dob_score':0,'country_score':0},"
		"'pep_matches':[{'list_name':'example_list','pep_position':'Mayor'}],'sanction_matches':[],"
		"'warning_matches':[],'adverse_media_matches':[],'linked_entities':[]}" },
};

/* Values that are members of struct fake_person. latitude and longitude are numbers, all others are texts. */
static const struct person_field {
	struct str name;
	size_t offset;
	bool is_number;
} person_fields[] = {
#define FIELD_OF(member) { STR_INIT(#member), offsetof(struct fake_person, member), false }
	FIELD_OF(first_name), FIELD_OF(last_name), FIELD_OF(full_name), FIELD_OF(gender), FIELD_OF(document_type),
	FIELD_OF(document_number), FIELD_OF(country3), FIELD_OF(country2), FIELD_OF(country), FIELD_OF(state), FIELD_OF(city),
	FIELD_OF(street), FIELD_OF(address), FIELD_OF(postal_code), FIELD_OF(time_zone), FIELD_OF(time_zone_offset),
	FIELD_OF(email), FIELD_OF(phone_prefix), FIELD_OF(phone_number), FIELD_OF(phone), FIELD_OF(language),
#undef FIELD_OF
	{ STR_INIT("latitude"), offsetof(struct fake_person, latitude), true },
	{ STR_INIT("longitude"), offsetof(struct fake_person, longitude), true },
};
/* clang-format on */

static bool override_applies(
	const struct scenario_override *override, struct str name, const struct sandbox_session *session)
{
	if (!str_eq(override->name, name))
		return false;
	return !override->slug ||
	       (session->scenario && str_eq(session->scenario->slug, str_of(override->slug)));
}

static bool put_scenario_value(struct buf *out, struct str name, const struct sandbox_session *session)
{
	for (size_t i = 0; i < array_len(scenario_overrides); i++) {
		if (!override_applies(&scenario_overrides[i], name, session))
			continue;
		json_template_write(out, scenario_overrides[i].template, session);
		return true;
	}
	return false;
}

static bool put_person_field(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const char *const person = (const char *)fake_person_of(session);
	struct json_writer w;

	for (size_t i = 0; i < array_len(person_fields); i++) {
		if (!str_eq(person_fields[i].name, name))
			continue;

		const struct str value = *(
			const struct str *)(const void *)(person + person_fields[i].offset);

		json_writer_init(&w, out);
		if (person_fields[i].is_number)
			json_put_raw(&w, value);
		else
			json_put_text(&w, value);
		return true;
	}
	return false;
}

/* Writes one of the values id_location, id_distance, poa_location and poa_distance: the location of the
 * address in a document, or the distance from it. All locations of a made-up person are the same. The value
 * is null until a scenario was run; poa_ values are also null if the session has no proof of address. */
static bool put_document_location(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const bool is_poa = str_starts(name, STR("poa_"));
	const bool known = session->scenario && (!is_poa || (session->parts & PART(SECTION_ADDRESS)));
	const bool is_location = str_ends(name, STR("_location"));

	if ((!is_poa && !str_starts(name, STR("id_"))) || (!is_location && !str_ends(name, STR("_distance"))))
		return false;
	json_template_write(out,
		!known	      ? "null"
		: is_location ? "{'latitude':$latitude,'longitude':$longitude}"
			      : "{'distance':0.0,'direction':'N'}",
		session);
	return true;
}

/* Writes a value that is computed from the session, such as a media URL, a date or the person's age. Returns
 * false if there is no value with this name. */
static bool put_session_value(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const struct str media = STR("media.");
	char ip[FAKE_IP_SIZE], time[MOMENT_RFC3339_SIZE];

	fake_ip(session, ip);
	moment_rfc3339(session->created, time);
	if (str_starts(name, media))
		buf_printf(out, "\"https://media.example/%s/%.*s\"", session->id,
			STR_ARG(str_from(name, media.n)));
	else if (str_eq(name, STR("ip")))
		buf_printf(out, "\"%s\"", ip);
	else if (str_eq(name, STR("created")))
		buf_printf(out, "\"%s\"", time);
	else if (str_eq(name, STR("birth")))
		buf_printf(out, "\"%.*s\"", STR_ARG(fake_birth_date(session)));
	else if (str_eq(name, STR("expires")))
		buf_printf(out, "\"%.*s\"", STR_ARG(fake_document_expiry(session)));
	else if (str_eq(name, STR("age")))
		buf_printf(out, "%d",
			fake_age(session, corrected_value(out->arena, session, STR("birth"),
						  fake_birth_date(session))));
	else if (str_eq(name, STR("number")))
		buf_printf(out, "%04lld", (long long)session->number);
	else
		return false;
	return true;
}

/* Writes the value with which a reviewer has corrected `name`. Returns false if there is no correction. */
static bool put_correction(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const struct str value = corrected_value(out->arena, session, name, (struct str){ NULL, 0 });
	struct json_writer w;

	if (!value.p)
		return false;
	json_writer_init(&w, out);
	json_put_text(&w, value);
	return true;
}

/* Writes the value of `$name` from the first source that has this name. Corrections come first, so that they
 * override all other sources. */
static void put_named_value(struct buf *out, struct str name, const struct sandbox_session *session)
{
	if (!put_correction(out, name, session) && !put_scenario_value(out, name, session) &&
		!put_person_field(out, name, session) && !put_session_value(out, name, session) &&
		!put_document_location(out, name, session))
		out->failed = true;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

void json_template_write(struct buf *out, const char *template_text, const struct sandbox_session *session)
{
	while (*template_text) {
		struct str name = { template_text + 1, 0 };

		if (*template_text != '$') {
			buf_char(out, *template_text == '\'' ? '"' : *template_text);
			template_text++;
			continue;
		}
		while (is_name_char(name.p[name.n]))
			name.n++;
		put_named_value(out, name, session);
		template_text = name.p + name.n;
	}
}
