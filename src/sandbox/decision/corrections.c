#include "sandbox/decision/corrections.h"

#include "base/attr.h"
#include "sandbox/decision/fake_person.h"

#define STATEMENT_NAME_SIZE 32

static bool fits_filled(struct arena *a, const struct json_value *value)
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

static bool fits_document_type(struct arena *a, const struct json_value *value)
{
	static const struct str words[] = { STR_INIT("Identity Card"), STR_INIT("Passport"),
		STR_INIT("Driver's License"), STR_INIT("Residence Permit") };

	(void)a;
	for (size_t i = 0; i < array_len(words); i++)
		if (str_eq(json_text(value), words[i]))
			return true;
	return false;
}

#define TEXT fits_filled, "Not a text of 1 to 255 characters."
#define DATE fits_date, "Date has wrong format. Use YYYY-MM-DD."
#define COUNTRY fits_country, "Not an ISO 3166-1 alpha-3 code."
#define CHOICE "Not a valid choice."

/* clang-format off */
static const struct correctable_field of_document[] = {
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
static const struct correctable_field of_address[] = {
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

const struct correctable_section correctable_document = { SECTION_DOCUMENT, of_document,
	array_len(of_document) };
const struct correctable_section correctable_address = { SECTION_ADDRESS, of_address, array_len(of_address) };

static struct str find(struct arena *a, const struct json_value *kept, const char *name)
{
	const struct str value = json_text(json_get(kept, name));

	return value.n > 0 ? arena_copy(a, value) : (struct str){ NULL, 0 };
}

/* Follows from what it is made of. */
static struct str full_name(
	struct arena *a, const struct sandbox_session *session, const struct json_value *kept)
{
	const struct fake_person *const person = fake_person_of(session);
	const struct str first = find(a, kept, "first_name"), last = find(a, kept, "last_name");
	const struct str both[] = { first.p ? first : person->first_name, last.p ? last : person->last_name };

	if (!first.p && !last.p)
		return first;
	return arena_printf(a, "%.*s %.*s", STR_ARG(both[0]), STR_ARG(both[1]));
}

struct str corrected_value(
	struct arena *a, const struct sandbox_session *session, struct str name, struct str otherwise)
{
	const struct json_value *kept cleanup_with(json_cleanup) = NULL;
	char key[STATEMENT_NAME_SIZE];
	struct str found;

	if (!session->corrections.p || !str_copy_to(name, key, sizeof(key)) ||
		json_parse(session->corrections, true, &kept) != OK)
		return otherwise;
	if (str_eq(name, STR("full_name")))
		found = full_name(a, session, kept);
	else if (str_eq(name, STR("issuing_state_name"))) /* no table of countries for this */
		found = find(a, kept, "issuing_state");
	else
		found = find(a, kept, key);
	return found.p ? found : otherwise;
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

	/* what is no moment was before 1970 */
	end = first.p && moment_parse(first, &end) ? moment_add(end, days(1)) : (moment){ 1 };
	arena_finish(&a);
	return end;
}

/* Of all that can be corrected: what the body says, else what was said before. */
static void put_joined(struct json_writer *w, const struct correctable_section *rows,
	const struct json_value *body, const struct json_value *kept)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct str now = json_text(json_get(body, rows->fields[i].check.field));
		const struct str before = json_text(json_get(kept, rows->fields[i].name));

		if (now.n > 0 || before.n > 0)
			json_field_text(w, rows->fields[i].name, now.n > 0 ? now : before);
	}
}

enum err corrections_merge(struct arena *a, const struct sandbox_session *session,
	const struct correctable_section *what, const struct json_value *body, struct str *out)
{
	const struct correctable_section *const all[] = { &correctable_document, &correctable_address };
	const struct json_value *kept cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf text;
	bool any = false;

	for (size_t i = 0; i < what->n; i++)
		any = any || json_text(json_get(body, what->fields[i].check.field)).n > 0;
	if (!any)
		return ERR_NOT_FOUND;
	if (session->corrections.p)
		TRY(json_parse(session->corrections, true, &kept));
	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	for (size_t i = 0; i < array_len(all); i++)
		put_joined(&w, all[i], all[i] == what ? body : NULL, kept);
	json_end_object(&w);
	TRY(buf_done(&text, out));
	return out->n <= SANDBOX_JSON_MAX ? OK : ERR_INPUT;
}
