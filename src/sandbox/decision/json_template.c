#include "sandbox/decision/json_template.h"

#include <stddef.h>

#include "base/attr.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/fake_person.h"

/* What a scenario makes of a value. Several rows of a name: the first one that fits; without a slug it fits
 * always. */
/* clang-format off */
static const struct twist {
	struct str name;
	const char *slug, *mould;
} twists[] = {
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
	{ STR_INIT("mrz"),           "decline_mrz_validation",            "{'is_valid':false}" },
	{ STR_INIT("mrz"),           NULL,                                "{}" },
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
	{ STR_INIT("chip_sound"),    "decline_nfc_chip_not_verified",     "false" },
	{ STR_INIT("chip_sound"),    NULL,                                "true" },
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
		"'datasets':['example_list'],'features':{},'rca_name':null,'first_seen':'2024-01-01T00:00:00',"
		"'last_seen':'2025-12-01T00:00:00','risk_view':{},'properties':{'name':['Anna Example'],'alias':[],"
		"'notes':[],'gender':['female'],'topics':['role.pep'],'position':['Mayor']},"
		"'score_breakdown':{'name_score':62.0,'dob_score':0,'country_score':0},"
		"'pep_matches':[{'list_name':'example_list','pep_position':'Mayor'}],'sanction_matches':[],"
		"'warning_matches':[],'adverse_media_matches':[],'linked_entities':[]}" },
};

/* Texts of struct fake_person; the last two are numbers. */
static const struct trait {
	struct str name;
	size_t at;
	bool raw;
} traits[] = {
#define TRAIT(member) { STR_INIT(#member), offsetof(struct fake_person, member), false }
	TRAIT(first_name), TRAIT(last_name), TRAIT(full_name), TRAIT(gender), TRAIT(document_type),
	TRAIT(document_number), TRAIT(country3), TRAIT(country2), TRAIT(country), TRAIT(state), TRAIT(city),
	TRAIT(street), TRAIT(address), TRAIT(postal_code), TRAIT(time_zone), TRAIT(time_zone_offset),
	TRAIT(email), TRAIT(phone_prefix), TRAIT(phone_number), TRAIT(phone), TRAIT(language),
#undef TRAIT
	{ STR_INIT("latitude"), offsetof(struct fake_person, latitude), true },
	{ STR_INIT("longitude"), offsetof(struct fake_person, longitude), true },
};
/* clang-format on */

static bool twist_fits(const struct twist *twist, struct str name, const struct sandbox_session *session)
{
	if (!str_eq(twist->name, name))
		return false;
	return !twist->slug || (session->scenario && str_eq(session->scenario->slug, str_of(twist->slug)));
}

static bool put_twist(struct buf *out, struct str name, const struct sandbox_session *session)
{
	for (size_t i = 0; i < array_len(twists); i++) {
		if (!twist_fits(&twists[i], name, session))
			continue;
		json_template_write(out, twists[i].mould, session);
		return true;
	}
	return false;
}

static bool put_trait(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const char *const person = (const char *)fake_person_of(session);
	struct json_writer w;

	for (size_t i = 0; i < array_len(traits); i++) {
		if (!str_eq(traits[i].name, name))
			continue;

		const struct str value = *(const struct str *)(const void *)(person + traits[i].at);

		json_writer_init(&w, out);
		if (traits[i].raw)
			json_put_raw(&w, value);
		else
			json_put_text(&w, value);
		return true;
	}
	return false;
}

/* Where a document says that the person lives, and how far that is: all of it is one place, known once the
 * check has run. */
static bool put_place(struct buf *out, struct str name, const struct sandbox_session *session)
{
	const bool of_poa = str_starts(name, STR("poa_"));
	const bool known = session->scenario && (!of_poa || (session->parts & PART(SECTION_ADDRESS)));
	const bool place = str_ends(name, STR("_place"));

	if ((!of_poa && !str_starts(name, STR("id_"))) || (!place && !str_ends(name, STR("_apart"))))
		return false;
	json_template_write(out,
		!known	? "null"
		: place ? "{'latitude':$latitude,'longitude':$longitude}"
			: "{'distance':0.0,'direction':'N'}",
		session);
	return true;
}

/* What is neither the person's nor the scenario's. */
static bool put_fact(struct buf *out, struct str name, const struct sandbox_session *session)
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

static void put_value(struct buf *out, struct str name, const struct sandbox_session *session)
{
	if (!put_correction(out, name, session) && !put_twist(out, name, session) &&
		!put_trait(out, name, session) && !put_fact(out, name, session) &&
		!put_place(out, name, session))
		out->failed = true;
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

void json_template_write(struct buf *out, const char *mould, const struct sandbox_session *session)
{
	while (*mould) {
		struct str name = { mould + 1, 0 };

		if (*mould != '$') {
			buf_char(out, *mould == '\'' ? '"' : *mould);
			mould++;
			continue;
		}
		while (is_of_name(name.p[name.n]))
			name.n++;
		put_value(out, name, session);
		mould = name.p + name.n;
	}
}
