#include "sandbox/decision/sections.h"

#include "base/attr.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/json_template.h"

/* clang-format off */
#define DEVICE_AND_LOCATION                                                                                  \
	"'browser_family':'Chrome Mobile','os_family':'Android','platform':'mobile',"                        \
	"'ip_country':$country,'ip_country_code':$country2,'ip_state':$state,'ip_city':$city,"               \
	"'latitude':$latitude,'longitude':$longitude,'ip_address':$ip,'isp':'Example ISP',"                  \
	"'organization':'Example Org','is_vpn_or_tor':false,'is_data_center':false,'time_zone':$time_zone,"  \
	"'time_zone_offset':$time_zone_offset,"
#define COORDINATES "{'latitude':$latitude,'longitude':$longitude}"
#define DISTANCES                                                                                            \
	"'ip':{'location':" COORDINATES ",'distance_from_id_document':$id_distance,'distance_from_poa_document':$poa_distance},"   \
	"'id_document':{'location':$id_location,'distance_from_ip':$id_distance,'distance_from_poa_document':$poa_distance}," \
	"'poa_document':{'location':$poa_location,'distance_from_ip':$poa_distance,'distance_from_id_document':$poa_distance}"
#define LIFECYCLE(type)                                                                                      \
	"'lifecycle':[{'type':'" type "_SENT','timestamp':$created,'details':{'status':'Success','reason':null},'fee':0}," \
	"{'type':'VALID_CODE_ENTERED','timestamp':$created,'details':{'code_tried':'000000','status':'Approved'},'fee':0}]"

/* All sections, in the order in which decisions contain them. */
static const struct section_definition {
	enum section section;
	struct str node, feature;
	const char *v3_key, *v2_key;
	const char *template;	 /* members of the section's item, see json_template.h */
	const char *v2_template; /* NULL: the same as `template` */
} section_definitions[] = {
	{ SECTION_DOCUMENT, STR_INIT("feature_ocr"), STR_INIT("ID_VERIFICATION"), "id_verifications", "id_verification",
		"'document_type':$document_type,'document_subtype':null,'document_number':$document_number,"
		"'personal_number':$personal_number,'portrait_image':$media.portrait.jpg,'front_image':$media.front.jpg,"
		"'front_video':null,'back_image':$media.back.jpg,'back_video':null,'full_front_image':$media.full_front.pdf,"
		"'full_back_image':$media.full_back.pdf,'front_image_camera_front':null,'back_image_camera_front':null,"
		"'front_image_camera_front_face_match_score':null,'back_image_camera_front_face_match_score':null,"
		"'front_image_quality_score':{'overall_score':93.0,'focus_score':95.1,'brightness_score':90.0,"
		"'brightness_issue':null,'resolution_score':100.0,'is_document_fully_visible':true},"
		"'back_image_quality_score':null,'date_of_birth':$birth,'age':$age,'expiration_date':$expires,"
		"'date_of_issue':$issued,'issuing_state':$issuing_state,'issuing_state_name':$issuing_state_name,"
		"'first_name':$first_name,'last_name':$last_name,'full_name':$full_name,'gender':$gender,'address':$street,"
		"'formatted_address':$address,'place_of_birth':$birth_place,'marital_status':$marital_status,"
		"'nationality':$nationality,"
		"'extra_fields':{'first_surname':$last_name,'second_surname':null},'mrz':$mrz,"
		"'parsed_address':{'address_type':'street','category':'building','city':$city,'country':$country2,"
		"'region':$state,'street_1':$street,'street_2':null,'postal_code':$postal_code,'formatted_address':$address,"
		"'label':'ID address','is_verified':true,'document_location':" COORDINATES ",'raw_results':{'geometry':{'location':{'lat':$latitude,'lng':$longitude}}}},"
		"'extra_files':[],'matches':$documents", NULL },
	{ SECTION_CHIP, STR_INIT("feature_nfc"), STR_INIT("NFC"), "nfc_verifications", "nfc",
		"'is_nfc_skipped':false,'skip_reason':null,'portrait_image':$media.chip_portrait.jpg,'signature_image':$media.chip_signature.jpg,"
		"'chip_data':{'document_type':$document_type,'issuing_country':$country3,'document_number':$document_number,"
		"'expiration_date':$expires,'first_name':$first_name,'last_name':$last_name,'birth_date':$birth,"
		"'gender':$gender,'nationality':$country3},'authenticity':{'sod_integrity':$chip_intact,"
		"'dg_integrity':$chip_intact},'certificate_summary':{'issuer':'Example Country Signing CA',"
		"'subject':'Example Document Signer','serial_number':'1','not_valid_before':'2015-01-01T00:00:00Z',"
		"'not_valid_after':'2035-12-31T00:00:00Z'}", NULL },
	{ SECTION_LIVENESS, STR_INIT("feature_liveness"), STR_INIT("LIVENESS"), "liveness_checks", "liveness",
		"'method':'PASSIVE','score':$liveness,'reference_image':$media.liveness.jpg,'video_url':null,"
		"'age_estimation':34.1,'face_quality':82.0,'face_luminance':51.3,'matches':$face_matches", NULL },
	{ SECTION_FACE_MATCH, STR_INIT("feature_face_match"), STR_INIT("FACE_MATCH"), "face_matches", "face_match",
		"'score':$face_match,'source_image_session_id':null,'source_image':$media.source.jpg,"
		"'target_image':$media.target.jpg", NULL },
	{ SECTION_ADDRESS, STR_INIT("feature_poa"), STR_INIT("POA"), "poa_verifications", "poa",
		"'document_file':$media.poa.pdf,'document_type':$poa_document_type,'document_language':$poa_language,"
		"'issuing_state':$poa_issuing_state,'issuer':$poa_issuer,'issue_date':$poa_issued,'expiration_date':$poa_expires,"
		"'poa_address':$poa_street,'poa_formatted_address':$poa_address,'poa_parsed_address':{"
		"'address_type':'street','city':$city,'country':$country2,'region':$state,'street_1':$poa_street,'street_2':null,"
		"'postal_code':$postal_code,'formatted_address':$poa_address,'document_location':" COORDINATES "},"
		"'name_on_document':$poa_name,'name_match_score_id_verification':$poa_name_score,"
		"'expected_details_address':null,'expected_details_formatted_address':null,"
		"'expected_details_parsed_address':null,'extra_fields':{'additional_names':null,'document_phone_number':null},"
		"'document_metadata':{'content_type':'application/pdf','file_size':20480}", NULL },
	{ SECTION_PHONE, STR_INIT("feature_phone"), STR_INIT("PHONE"), "phone_verifications", "phone",
		"'phone_number_prefix':$phone_prefix,'phone_number':$phone_number,'full_number':$phone,'country_code':$country2,"
		"'country_name':$country,'carrier':{'name':'Example Mobile','type':'mobile'},'is_disposable':false,"
		"'is_virtual':false,'verification_method':'sms','verification_attempts':1,'verified_at':$created,"
		LIFECYCLE("PHONE_VERIFICATION_MESSAGE"), NULL },
	{ SECTION_EMAIL, STR_INIT("feature_email"), STR_INIT("EMAIL_VERIFICATION"), "email_verifications", "email",
		"'email':$email,'is_breached':false,'breaches':[],'is_disposable':false,'is_undeliverable':false,"
		"'verification_attempts':1,'verified_at':$created,"
		LIFECYCLE("EMAIL_VERIFICATION_MESSAGE"), NULL },
	{ SECTION_AML, STR_INIT("feature_aml"), STR_INIT("AML"), "aml_screenings", "aml",
		"'total_hits':$aml_hits,'entity_type':'person','score':$aml_score,'hits':$aml_list,"
		"'screened_data':{'full_name':$full_name,'nationality':$country3,'date_of_birth':$birth,"
		"'document_number':$document_number},'is_ongoing_monitoring_enabled':false,"
		"'next_ongoing_monitoring_bill_date':null", NULL },
	{ SECTION_LOCATION, STR_INIT("feature_ip_analysis"), STR_INIT("IP_ANALYSIS"), "ip_analyses", "ip_analysis",
		"'device_brand':'Samsung','device_model':'Galaxy S23'," DEVICE_AND_LOCATION
		"'device_fingerprint':'fp_sandbox_$number'," DISTANCES,
		"'device_brand':'Samsung','device_model':'Galaxy S23'," DEVICE_AND_LOCATION "'locations_info':{" DISTANCES "}" },
	{ SECTION_DATABASE, STR_INIT("feature_database_validation"), STR_INIT("DATABASE_VALIDATION"),
		"database_validations", "database_validation",
		"'issuing_state':$country3,'validation_type':'one_by_one','match_type':$match_type,"
		"'screened_data':{'first_name':$first_name,'last_name':$last_name,'date_of_birth':$birth,"
		"'document_number':$document_number},'validations':[{'service_id':'example_register',"
		"'validation':{'full_name':$field_match,'date_of_birth':$field_match,'identification_number':$field_match}}]",
		NULL },
	{ SECTION_QUESTIONNAIRE, STR_INIT("feature_questionnaire"), STR_INIT("QUESTIONNAIRE"),
		"questionnaire_responses", "questionnaire",
		"'questionnaire_id':'00000000-0000-4000-8000-00000000000a','title':'Example questions',"
		"'sections':[{'title':'About you','items':[{'question':'What is the account for?','value':'Savings'}]}]",
		NULL },
};
/* clang-format on */

static const struct section_definition *section_find(enum section section)
{
	for (size_t i = 0; i < array_len(section_definitions); i++)
		if (section_definitions[i].section == section)
			return &section_definitions[i];
	return NULL;
}

struct str section_node(enum section section)
{
	const struct section_definition *const definition = section_find(section);

	return definition ? definition->node : STR("feature_kyb_registry");
}

struct str section_feature(enum section section)
{
	const struct section_definition *const definition = section_find(section);

	return definition ? definition->feature : STR("KYB_REGISTRY");
}

enum section section_of_node(struct str node)
{
	for (size_t i = 0; i < array_len(section_definitions); i++)
		if (str_eq(section_definitions[i].node, node))
			return section_definitions[i].section;
	return SECTION_NONE;
}

bool section_is_automatic(enum section section)
{
	return section == SECTION_AML || section == SECTION_DATABASE || section == SECTION_LOCATION;
}

/* The location check runs when the hosted page is opened; all other checks run with the scenario. */
bool section_has_run(const struct sandbox_session *session, enum section section)
{
	const bool opened = session->status != DIDIT_NOT_STARTED && session->status != DIDIT_EXPIRED;

	if (!(session->parts & PART(section)) || (session->redo & PART(section)))
		return false;
	return session->scenario || (section == SECTION_LOCATION && opened);
}

/* Returns the section that the scenario makes fail. If the session does not include that section, returns the
 * document, so that the decision shows a reason in any case. */
static enum section section_failed(const struct sandbox_session *session)
{
	if (!session->scenario || !session->scenario->risk.n)
		return SECTION_NONE;
	return (session->parts & PART(session->scenario->section)) ? session->scenario->section
								   : SECTION_DOCUMENT;
}

enum didit_status section_result(const struct sandbox_session *session, enum section section)
{
	if (session->manual_status[section] != DIDIT_NOT_STARTED)
		return session->manual_status[section];
	return section_failed(session) == section ? session->scenario->status : DIDIT_APPROVED;
}

static void put_section_warnings(
	struct json_writer *w, const struct sandbox_session *session, enum section section, bool with_node)
{
	json_key(w, "warnings");
	json_begin_array(w);
	if (section_failed(session) == section) {
		json_begin_object(w);
		put_warning(w, session, session->scenario->feature);
		if (with_node)
			json_field_text(w, "node_id", section_node(section));
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_section_item(struct json_writer *w, const struct sandbox_session *session,
	const struct section_definition *definition, enum sections_style style)
{
	const bool arrays = style == SECTIONS_AS_ARRAYS;
	struct str members;
	struct buf text;

	buf_init(&text, w->out->arena);
	json_template_write(&text,
		arrays || !definition->v2_template ? definition->template : definition->v2_template, session);
	if (buf_done(&text, &members) != OK) {
		w->out->failed = true;
		return;
	}
	json_begin_object(w);
	if (arrays)
		json_field_text(w, "node_id", definition->node);
	put_status(w, "status", section_result(session, definition->section));
	json_put_raw(w, members);
	put_section_warnings(w, session, definition->section, arrays);
	json_end_object(w);
}

void sections_write(struct json_writer *w, const struct sandbox_session *session, enum sections_style style)
{
	for (size_t i = 0; i < array_len(section_definitions); i++) {
		json_key(w, style == SECTIONS_AS_ARRAYS ? section_definitions[i].v3_key
							: section_definitions[i].v2_key);
		if (!section_has_run(session, section_definitions[i].section)) {
			json_put_null(w);
			continue;
		}
		if (style == SECTIONS_AS_ARRAYS)
			json_begin_array(w);
		put_section_item(w, session, &section_definitions[i], style);
		if (style == SECTIONS_AS_ARRAYS)
			json_end_array(w);
	}
}

void sections_write_features(struct json_writer *w, const struct sandbox_session *session)
{
	json_begin_array(w);
	for (size_t i = 0; i < array_len(section_definitions); i++)
		if (session->parts & PART(section_definitions[i].section))
			json_put_text(w, section_definitions[i].feature);
	json_end_array(w);
}

void sections_write_nodes(struct json_writer *w, const struct sandbox_session *session)
{
	json_begin_array(w);
	for (size_t i = 0; i < array_len(section_definitions); i++) {
		const struct section_definition *const definition = &section_definitions[i];

		if (!(session->parts & PART(definition->section)))
			continue;
		json_begin_object(w);
		json_field_text(w, "feature",
			definition->section == SECTION_EMAIL ? STR("EMAIL") : definition->feature);
		json_field_text(w, "node_id", definition->node);
		json_end_object(w);
	}
	json_end_array(w);
}
