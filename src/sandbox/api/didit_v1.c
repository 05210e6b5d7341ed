#include "sandbox/api/didit_v1.h"

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/body_fields.h"

/* The eight feature combinations (didit-api.md 2.2). The last one, with all checks, is the default. Didit's
 * own default is set in its Console, which the sandbox does not have. */
static const struct feature_combination {
	struct str text;
	unsigned parts;
} feature_combinations[] = {
	{ STR_INIT("OCR"), PARTS_ALWAYS },
	{ STR_INIT("OCR + NFC"), PARTS_ALWAYS | PART(SECTION_CHIP) },
	{ STR_INIT("OCR + AML"), PARTS_ALWAYS | PART(SECTION_AML) },
	{ STR_INIT("OCR + NFC + AML"), PARTS_ALWAYS | PART(SECTION_CHIP) | PART(SECTION_AML) },
	{ STR_INIT("OCR + FACE"), PARTS_ALWAYS | PARTS_FACE },
	{ STR_INIT("OCR + NFC + FACE"), PARTS_ALWAYS | PART(SECTION_CHIP) | PARTS_FACE },
	{ STR_INIT("OCR + FACE + AML"), PARTS_ALWAYS | PARTS_FACE | PART(SECTION_AML) },
	{ STR_INIT("OCR + NFC + FACE + AML"), PARTS_V1 },
};

bool didit_v1_combination(size_t n, unsigned *parts)
{
	if (n >= array_len(feature_combinations))
		return false;
	*parts = feature_combinations[n].parts;
	return true;
}

static struct str features_text(unsigned parts)
{
	for (size_t i = 0; i < array_len(feature_combinations); i++)
		if (feature_combinations[i].parts == (parts & PARTS_V1))
			return feature_combinations[i].text;
	return (struct str){ NULL, 0 };
}

static bool read_features(struct request_ctx *ctx, const struct json_value *body, unsigned *parts)
{
	const struct json_value *const value = json_get(body, "features");
	const enum json_kind kind = json_kind_of(value);

	if (kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL) {
		*parts = feature_combinations[array_len(feature_combinations) - 1].parts;
		return true;
	}
	for (size_t i = 0; i < array_len(feature_combinations) && kind == JSON_KIND_TEXT; i++) {
		if (str_eq(feature_combinations[i].text, json_text(value))) {
			*parts = feature_combinations[i].parts;
			return true;
		}
	}
	respond_field_error(ctx, "features", "Not a valid choice.");
	return false;
}

static bool v1_read_create(
	struct request_ctx *ctx, const struct json_value *body, struct sandbox_session *draft)
{
	return read_url_field(ctx, body, "callback", true, &draft->callback) &&
	       read_text_field(ctx, body, "vendor_data", SANDBOX_VENDOR_MAX, &draft->vendor_data) &&
	       read_features(ctx, body, &draft->parts);
}

/* Writes the members that a decision and the response to a create request have in common. */
static void put_session_members(struct json_writer *w, const struct sandbox_session *session)
{
	json_field_text(w, "session_id", str_of(session->id));
	json_field_int(w, "session_number", session->number);
	put_text_or_null(w, "vendor_data", session->vendor_data);
	put_status(w, "status", session->status);
	put_text_or_null(w, "callback", session->callback);
	put_text_or_null(w, "features", features_text(session->parts));
}

static void v1_write_created(
	struct json_writer *w, const struct sandbox_ctx *sandbox, const struct sandbox_session *session)
{
	json_begin_object(w);
	put_session_members(w, session);
	json_field_text(w, "session_token", str_of(session->token));
	put_link(w, "url", sandbox->base_url, session);
	json_end_object(w);
}

static struct str section_status(const struct sandbox_session *session, enum section section)
{
	return didit_status_text(section_result(session, section));
}

static bool scenario_is(const struct sandbox_session *session, const char *slug)
{
	return session->scenario && str_eq(session->scenario->slug, str_of(slug));
}

static void put_document_fields(struct json_writer *w, const struct sandbox_session *session)
{
	const struct fake_person *const person = fake_person_of(session);
	const struct {
		const char *key, *name;
		struct str fallback; /* the made-up value */
	} members[] = {
		{ "document_type", "document_type", person->document_type },
		{ "document_number", "document_number", person->document_number },
		{ "date_of_birth", "birth", fake_birth_date(session) },
		{ "expiration_date", "expires", fake_document_expiry(session) },
		{ "issuing_state", "issuing_state", person->country3 },
		{ "issuing_state_name", "issuing_state_name", person->country },
		{ "first_name", "first_name", person->first_name },
		{ "last_name", "last_name", person->last_name },
		{ "full_name", "full_name", person->full_name },
		{ "gender", "gender", person->gender },
		{ "address", "street", person->street },
		{ "formatted_address", "address", person->address },
		{ "place_of_birth", "birth_place", person->city },
		{ "nationality", "nationality", person->country3 },
	};

	for (size_t i = 0; i < array_len(members); i++)
		json_field_text(w, members[i].key,
			corrected_value(
				w->out->arena, session, str_of(members[i].name), members[i].fallback));
}

static void put_kyc(struct json_writer *w, const struct sandbox_session *session)
{
	static const struct constant constants[] = {
		{ "personal_number", "null" },
		{ "front_video", "null" },
		{ "back_image", "null" },
		{ "back_video", "null" },
		{ "full_back_image", "null" },
		{ "date_of_issue", "\"2015-05-07\"" },
		{ "parsed_address", "null" },
		{ "marital_status", "\"UNKNOWN\"" },
		{ NULL, NULL },
	};
	const struct str approved = didit_status_text(DIDIT_APPROVED);
	const struct str ocr = section_status(session, SECTION_DOCUMENT);
	const struct str chip = section_status(session, SECTION_CHIP);
	const bool has_chip = session->parts & PART(SECTION_CHIP);

	json_begin_object(w);
	json_field_text(w, "status", str_eq(ocr, approved) && has_chip ? chip : ocr);
	json_field_text(w, "ocr_status", ocr);
	json_field_text(w, "epassport_status", has_chip ? chip : didit_status_text(DIDIT_NOT_STARTED));
	json_field_bool(w, "is_nfc_verified", has_chip && str_eq(chip, approved));
	put_media(w, "portrait_image", session, "portrait.jpg");
	put_media(w, "front_image", session, "front.jpg");
	put_media(w, "full_front_image", session, "full_front.jpg");
	put_document_fields(w, session);
	put_constants(w, constants);
	put_moment(w, "created_at", session->created);
	json_end_object(w);
}

static void put_aml(struct json_writer *w, const struct sandbox_session *session)
{
	static const struct str hit = STR_INIT(
		"{\"id\":\"hit-1\",\"match\":false,\"score\":0.62,\"target\":true,\"caption\":\"Anna Example\","
		"\"datasets\":[\"example_list\"],\"features\":{\"name_match\":0.62},\"last_seen\":\"2025-12-01T00:00:00\","
		"\"first_seen\":\"2024-01-01T00:00:00\",\"last_change\":\"2025-06-01T00:00:00\","
		"\"properties\":{\"name\":[\"Anna Example\"],\"alias\":[],\"notes\":[],\"gender\":[\"female\"],"
		"\"topics\":[\"role.pep\"],\"position\":[\"Mayor\"]}}");
	const bool is_hit = session->scenario && session->scenario->section == SECTION_AML;

	json_begin_object(w);
	json_field_text(w, "status", section_status(session, SECTION_AML));
	json_field_int(w, "total_hits", is_hit);
	json_key(w, "score");
	json_put_raw(w, is_hit ? STR("62.5") : STR("0"));
	json_key(w, "hits");
	json_begin_array(w);
	if (is_hit)
		json_put_raw(w, hit);
	json_end_array(w);
	json_end_object(w);
}

static void put_face(struct json_writer *w, const struct sandbox_session *session)
{
	const struct str approved = didit_status_text(DIDIT_APPROVED);
	const struct str match = section_status(session, SECTION_FACE_MATCH);
	const struct str liveness = section_status(session, SECTION_LIVENESS);

	json_begin_object(w);
	json_field_text(w, "status", str_eq(match, approved) ? liveness : match);
	json_field_text(w, "face_match_status", match);
	json_field_text(w, "liveness_status", liveness);
	json_key(w, "face_match_similarity");
	json_put_raw(w, str_eq(match, approved) ? STR("96.4") : STR("48.2"));
	json_key(w, "liveness_confidence");
	json_put_raw(w, scenario_is(session, "decline_liveness_attack") ? STR("12.5") : STR("91.2"));
	put_media(w, "source_image", session, "source.jpg");
	put_media(w, "target_image", session, "target.jpg");
	put_media(w, "video_url", session, "liveness.mp4");
	json_key(w, "age_estimation");
	json_put_raw(w, STR("34.1"));
	json_key(w, "gender_estimation");
	json_put_raw(w, STR("{\"male\":2.1,\"female\":97.9}"));
	json_end_object(w);
}

static void put_point(struct json_writer *w, const char *key, const struct fake_person *person)
{
	json_key(w, key);
	json_begin_object(w);
	json_key(w, "latitude");
	json_put_raw(w, person->latitude);
	json_key(w, "longitude");
	json_put_raw(w, person->longitude);
	json_end_object(w);
}

static void put_location(struct json_writer *w, const struct sandbox_session *session)
{
	const struct fake_person *const person = fake_person_of(session);
	const bool ran = session->scenario;

	json_begin_object(w);
	put_device_and_location(w, session);
	json_field_text(w, "status", section_status(session, SECTION_LOCATION));
	if (ran)
		put_point(w, "document_location", person);
	else
		json_field_null(w, "document_location");
	put_point(w, "ip_location", person);
	json_key(w, "distance_from_document_to_ip_km");
	json_put_raw(w, ran ? STR("{\"distance\":0.0,\"direction\":\"N\"}") : STR("null"));
	json_end_object(w);
}

/* Writes a section, or null if `ran` is false: the feature was not requested or has not run yet (didit-api.md
 * 2.3). */
static void put_section(struct json_writer *w, const char *key, const struct sandbox_session *session,
	bool ran, void (*put)(struct json_writer *w, const struct sandbox_session *session))
{
	json_key(w, key);
	if (ran)
		put(w, session);
	else
		json_put_null(w);
}

/* Returns the `feature` of a warning in v1, which is the name of the section that the warning belongs to
 * (starkfi-kyc-api.md 8.1). */
static struct str warning_feature(const struct scenario *scenario)
{
	if (scenario->section == SECTION_DOCUMENT || scenario->section == SECTION_CHIP)
		return STR("KYC");
	if (scenario->section == SECTION_FACE_MATCH || scenario->section == SECTION_LIVENESS)
		return STR("FACE");
	return scenario->feature;
}

static void v1_write_decision(
	struct json_writer *w, const struct sandbox_ctx *sandbox, const struct sandbox_session *session)
{
	const bool ran = session->scenario;
	const bool opened = session->status != DIDIT_NOT_STARTED && session->status != DIDIT_EXPIRED;

	json_begin_object(w);
	put_session_members(w, session);
	put_link(w, "session_url", sandbox->base_url, session);
	put_section(w, "kyc", session, ran, put_kyc);
	put_section(w, "aml", session, ran && (session->parts & PART(SECTION_AML)), put_aml);
	put_section(w, "face", session, ran && (session->parts & PARTS_FACE), put_face);
	put_section(w, "location", session, opened, put_location);
	json_key(w, "warnings");
	json_begin_array(w);
	if (ran && session->scenario->risk.n) {
		json_begin_object(w);
		put_warning(w, session, warning_feature(session->scenario));
		json_end_object(w);
	}
	json_end_array(w);
	put_reviews(w, session);
	json_key(w, "extra_images");
	json_put_raw(w, STR("[]"));
	put_moment(w, "created_at", session->created);
	json_end_object(w);
}

static void v1_write_event(
	struct json_writer *w, const struct sandbox_ctx *sandbox, const struct event_payload *payload)
{
	const struct sandbox_session *const session = payload->session;

	json_begin_object(w);
	json_field_text(w, "session_id", str_of(session->id));
	put_status(w, "status", session->status);
	json_field_int(w, "created_at", session->created.ms / 1000);
	json_field_int(w, "timestamp", payload->now.ms / 1000);
	put_text_or_null(w, "vendor_data", session->vendor_data);
	if (event_has_decision(session->status)) {
		json_key(w, "decision");
		v1_write_decision(w, sandbox, session);
	}
	json_end_object(w);
}

static enum err v1_sign(struct arena *a, struct str secret, struct webhook_event *event)
{
	return event_sign(a, event, "X-Signature", secret, event->body);
}

const struct sandbox_api_version didit_v1 = {
	.id = SANDBOX_V1,
	.name = STR_INIT("v1"),
	.errors = ERRORS_WITH_MESSAGE,
	.read_create = v1_read_create,
	.write_created = v1_write_created,
	.write_decision = v1_write_decision,
	.write_event = v1_write_event,
	.sign = v1_sign,
};
