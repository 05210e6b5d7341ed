#include "sandbox/api/workflow_features.h"

#include "base/attr.h"
#include "sandbox/decision/sections.h"

#define FEATURES_MAX 32 /* features in one request */
#define END_NODE "status_end"

/* `alias` is the name in decisions, if it is another one. `toggle` is NULL if there is no on-off field. */
static const struct workflow_feature {
	enum section section;
	struct str name, alias;
	const char *toggle;
} features[] = {
	{ SECTION_DOCUMENT, STR_INIT("OCR"), STR_INIT("ID_VERIFICATION"), NULL },
	{ SECTION_CHIP, STR_INIT("NFC"), STR_INIT(""), "is_nfc_enabled" },
	{ SECTION_LIVENESS, STR_INIT("LIVENESS"), STR_INIT(""), "is_liveness_enabled" },
	{ SECTION_FACE_MATCH, STR_INIT("FACE_MATCH"), STR_INIT(""), "is_face_match_enabled" },
	{ SECTION_ADDRESS, STR_INIT("PROOF_OF_ADDRESS"), STR_INIT("POA"), NULL },
	{ SECTION_PHONE, STR_INIT("PHONE_VERIFICATION"), STR_INIT("PHONE"), "is_phone_verification_enabled" },
	{ SECTION_EMAIL, STR_INIT("EMAIL_VERIFICATION"), STR_INIT("EMAIL"), "is_email_verification_enabled" },
	{ SECTION_DATABASE, STR_INIT("DATABASE_VALIDATION"), STR_INIT(""), "is_database_validation_enabled" },
	{ SECTION_AML, STR_INIT("AML"), STR_INIT(""), "is_aml_enabled" },
	{ SECTION_LOCATION, STR_INIT("IP_ANALYSIS"), STR_INIT(""), "is_ip_analysis_enabled" },
	{ SECTION_QUESTIONNAIRE, STR_INIT("QUESTIONNAIRE"), STR_INIT(""), NULL },
};

/* Returns the bit of the feature with this name. Returns 0 for an unknown name. */
static unsigned feature_part(struct str name)
{
	for (size_t i = 0; i < array_len(features); i++)
		if (name.n > 0 && (str_eq(name, features[i].name) || str_eq(name, features[i].alias)))
			return PART(features[i].section);
	return 0;
}

/* Parses a list of objects such as {"feature":"OCR"}, or of names. */
static bool read_features(const struct json_value *list, unsigned *parts)
{
	unsigned found = 0;

	if (json_kind_of(list) != JSON_KIND_ARRAY || json_count(list) == 0 || json_count(list) > FEATURES_MAX)
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json_value *const item = json_at(list, i);
		const unsigned part = feature_part(
			json_text(json_kind_of(item) == JSON_KIND_OBJECT ? json_get(item, "feature") : item));

		if (!part)
			return false;
		found |= part;
	}
	*parts = found;
	return true;
}

static bool is_given(const struct json_value *value)
{
	return json_kind_of(value) != JSON_KIND_ABSENT && json_kind_of(value) != JSON_KIND_NULL;
}

bool workflow_read_parts(struct request_ctx *ctx, const struct json_value *body, unsigned *parts)
{
	const struct json_value *const list = json_get(body, "features");

	if (is_given(list) && !read_features(list, parts)) {
		respond_field_error(
			ctx, "features", "Expected a list of features that the sandbox has, such as OCR.");
		return false;
	}
	for (size_t i = 0; i < array_len(features); i++) {
		const struct json_value *const toggle = features[i].toggle
								? json_get(body, features[i].toggle)
								: NULL;

		if (!toggle || !is_given(toggle))
			continue;
		if (json_kind_of(toggle) != JSON_KIND_BOOL) {
			respond_field_error(ctx, features[i].toggle, "Must be a valid boolean.");
			return false;
		}
		*parts &= ~PART(features[i].section);
		if (json_bool(toggle))
			*parts |= PART(features[i].section);
	}
	*parts |= PARTS_ALWAYS;
	return true;
}

struct str workflow_features_text(struct arena *a, unsigned parts)
{
	struct str text = { NULL, 0 };
	struct buf buf;
	bool any = false;

	buf_init(&buf, a);
	for (size_t i = 0; i < array_len(features); i++) {
		if (!(parts & PART(features[i].section)))
			continue;
		buf_printf(&buf, "%s%.*s", any ? " + " : "", STR_ARG(features[i].name));
		any = true;
	}
	return buf_done(&buf, &text) == OK ? text : (struct str){ NULL, 0 };
}

/* Returns the node after the feature with the index i: that of the next feature, else the end. */
static struct str node_after(unsigned parts, size_t i)
{
	while (++i < array_len(features))
		if (parts & PART(features[i].section))
			return section_node(features[i].section);
	return STR(END_NODE);
}

static void put_feature_node(struct json_writer *w, unsigned parts, size_t i)
{
	json_key(w, section_node(features[i].section).p);
	json_begin_object(w);
	json_field_text(w, "node_type", STR("feature"));
	json_field_text(w, "feature", features[i].name);
	json_key(w, "config");
	if (features[i].section == SECTION_LIVENESS)
		json_put_raw(w, STR("{\"face_liveness_method\":\"PASSIVE\"}"));
	else
		json_put_null(w);
	json_field_text(w, "next", node_after(parts, i));
	json_end_object(w);
}

/* Writes the features as one path of nodes, in the order of the table. */
static void put_graph(struct json_writer *w, unsigned parts)
{
	json_key(w, "workflow_graph");
	json_begin_object(w);
	json_field_text(w, "start_node", section_node(SECTION_DOCUMENT));
	json_key(w, "nodes");
	json_begin_object(w);
	for (size_t i = 0; i < array_len(features); i++)
		if (parts & PART(features[i].section))
			put_feature_node(w, parts, i);
	json_key(w, END_NODE);
	json_begin_object(w);
	json_field_text(w, "node_type", STR("status"));
	json_field_text(w, "status", didit_status_text(DIDIT_APPROVED));
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

void workflow_put_features(struct json_writer *w, unsigned parts)
{
	json_field_text(w, "features", workflow_features_text(w->out->arena, parts));
	put_graph(w, parts);
	for (size_t i = 0; i < array_len(features); i++)
		if (features[i].toggle)
			json_field_bool(w, features[i].toggle, parts & PART(features[i].section));
}
