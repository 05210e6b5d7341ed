#include "sandbox/decision/corrections.h"

#include "base/attr.h"
#include "sandbox/decision/fake_person.h"

#define VALUE_NAME_SIZE 32

/* Returns true if the value is a text that is not empty. */
static bool fits_nonempty_text(struct arena *a, const struct json_value *value)
{
	return json_text(value).n > 0 && fits_text(a, value);
}

static bool fits_marital_status(struct arena *a, const struct json_value *value)
{
	static const struct str words[] = { STR_INIT("SINGLE"), STR_INIT("MARRIED"), STR_INIT("DIVORCED"),
		STR_INIT("WIDOWED"), STR_INIT("UNKNOWN") };

	(void)a;
	for (size_t i = 0; i < array_len(words); i++)
		if (str_eq(json_text(value), words[i]))
			return true;
	return false;
}

/* The document types of Didit's update-data: a code, and the name under which decisions show the type. A type
 * without a name appears as its code. */
static const struct document_type {
	struct str code, name;
} document_types[] = {
	{ STR_INIT("P"), STR_INIT("Passport") },
	{ STR_INIT("ID"), STR_INIT("Identity Card") },
	{ STR_INIT("DL"), STR_INIT("Driver's License") },
	{ STR_INIT("RP"), STR_INIT("Residence Permit") },
	{ STR_INIT("SSC"), STR_INIT("Social Security Card") },
	{ STR_INIT("HIC"), STR_INIT("Health Insurance Card") },
	{ STR_INIT("TC"), STR_INIT("") },
	{ STR_INIT("WP"), STR_INIT("") },
	{ STR_INIT("VISA"), STR_INIT("") },
	{ STR_INIT("PSC"), STR_INIT("") },
	{ STR_INIT("BC"), STR_INIT("") },
	{ STR_INIT("OTHER"), STR_INIT("") },
};

/* Returns the name of a document type that is given as a code or a name. `p` is NULL if it is unknown. */
static struct str document_type_name(struct str type)
{
	for (size_t i = 0; i < array_len(document_types); i++)
		if (type.n > 0 &&
			(str_eq(type, document_types[i].code) || str_eq(type, document_types[i].name)))
			return document_types[i].name.n > 0 ? document_types[i].name : document_types[i].code;
	return (struct str){ NULL, 0 };
}

static bool fits_document_type(struct arena *a, const struct json_value *value)
{
	(void)a;
	return document_type_name(json_text(value)).p != NULL;
}

#define TEXT fits_nonempty_text, "Not a text of 1 to 255 characters."
#define DATE fits_date, "Date has wrong format. Use YYYY-MM-DD."
#define COUNTRY fits_country, "Not an ISO 3166-1 alpha-3 code."
#define CHOICE "Not a valid choice."

/* clang-format off */
static const struct correctable_field document_fields[] = {
	{ { "document_type",   fits_document_type, CHOICE },  "document_type" },
	{ { "document_number", TEXT },                        "document_number" },
	{ { "personal_number", TEXT },                        "personal_number" },
	{ { "date_of_birth",   DATE },                        "birth" },
	{ { "date_of_issue",   DATE },                        "issued" },
	{ { "expiration_date", DATE },                        "expires" },
	{ { "issuing_state",   COUNTRY },                     "issuing_state" },
	{ { "first_name",      TEXT },                        "first_name" },
	{ { "last_name",       TEXT },                        "last_name" },
	{ { "gender",          fits_gender, CHOICE },         "gender" },
	{ { "address",         TEXT },                        "street" },
	{ { "place_of_birth",  TEXT },                        "birth_place" },
	{ { "nationality",     COUNTRY },                     "nationality" },
	{ { "marital_status",  fits_marital_status, CHOICE }, "marital_status" },
};
static const struct correctable_field address_fields[] = {
	{ { "document_type",     TEXT },    "poa_document_type" },
	{ { "document_language", TEXT },    "poa_language" },
	{ { "issuing_state",     COUNTRY }, "poa_issuing_state" },
	{ { "issuer",            TEXT },    "poa_issuer" },
	{ { "issue_date",        DATE },    "poa_issued" },
	{ { "expiration_date",   DATE },    "poa_expires" },
	{ { "poa_address",       TEXT },    "poa_street" },
	{ { "name_on_document",  TEXT },    "poa_name" },
};
/* clang-format on */

const struct correctable_section correctable_document = { SECTION_DOCUMENT, document_fields,
	array_len(document_fields) };
const struct correctable_section correctable_address = { SECTION_ADDRESS, address_fields,
	array_len(address_fields) };

static struct str find_correction(struct arena *a, const struct json_value *stored, const char *name)
{
	const struct str value = json_text(json_get(stored, name));

	return value.n > 0 ? arena_copy(a, value) : (struct str){ NULL, 0 };
}

/* Returns the full name if a reviewer has corrected the first or the last name. Otherwise returns p ==
 * NULL. */
static struct str corrected_full_name(
	struct arena *a, const struct sandbox_session *session, const struct json_value *stored)
{
	const struct fake_person *const person = fake_person_of(session);
	const struct str first = find_correction(a, stored, "first_name"),
			 last = find_correction(a, stored, "last_name");
	const struct str both[] = { first.p ? first : person->first_name, last.p ? last : person->last_name };

	if (!first.p && !last.p)
		return first;
	return arena_printf(a, "%.*s %.*s", STR_ARG(both[0]), STR_ARG(both[1]));
}

struct str corrected_value(
	struct arena *a, const struct sandbox_session *session, struct str name, struct str fallback)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	char key[VALUE_NAME_SIZE];
	struct str found;

	if (!session->corrections.p || !str_copy_to(name, key, sizeof(key)) ||
		json_parse(session->corrections, true, &stored) != OK)
		return fallback;
	if (str_eq(name, STR("full_name")))
		found = corrected_full_name(a, session, stored);
	else if (str_eq(name, STR("issuing_state_name"))) /* the code: there is no table of names */
		found = find_correction(a, stored, "issuing_state");
	else
		found = find_correction(a, stored, key);
	return found.p ? found : fallback;
}

moment corrected_document_expiry(const struct sandbox_session *session)
{
	moment end = { 0 };
	struct arena a;

	if (!session->scenario)
		return end;
	arena_init(&a, ARENA_CALL_LIMIT);

	const struct str day = corrected_value(&a, session, STR("expires"), fake_document_expiry(session));
	const struct str first = arena_printf(&a, "%.*sT00:00:00Z", STR_ARG(day));

	/* moment_parse rejects years before 1970, which fits_date accepts: such a document has expired */
	end = first.p && moment_parse(first, &end) ? moment_add(end, days(1)) : (moment){ 1 };
	arena_finish(&a);
	return end;
}

/* Writes the corrections of one section: for each field the value from the body, else the stored value, if
 * any. */
static void put_merged_corrections(struct json_writer *w, const struct correctable_section *section,
	const struct json_value *body, const struct json_value *stored)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct correctable_field *const field = &section->fields[i];
		const struct str given = json_text(json_get(body, field->check.field));
		const struct str now = given.n > 0 && field->check.fits == fits_document_type
					       ? document_type_name(given)
					       : given;
		const struct str previous = json_text(json_get(stored, field->name));

		if (now.n > 0 || previous.n > 0)
			json_field_text(w, field->name, now.n > 0 ? now : previous);
	}
}

enum err corrections_merge(struct arena *a, const struct sandbox_session *session,
	const struct correctable_section *what, const struct json_value *body, struct str *out)
{
	const struct correctable_section *const all[] = { &correctable_document, &correctable_address };
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf text;
	bool any = false;

	for (size_t i = 0; i < what->n; i++)
		any = any || json_text(json_get(body, what->fields[i].check.field)).n > 0;
	if (!any)
		return ERR_NOT_FOUND;
	if (session->corrections.p)
		TRY(json_parse(session->corrections, true, &stored));
	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	for (size_t i = 0; i < array_len(all); i++)
		put_merged_corrections(&w, all[i], all[i] == what ? body : NULL, stored);
	json_end_object(&w);
	TRY(buf_done(&text, out));
	return out->n <= SANDBOX_JSON_MAX ? OK : ERR_INPUT;
}
