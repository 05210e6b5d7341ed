#include "provider/decision_v1.h"

/* Longer values are none we know. */
#define VALUE_MAX ((size_t)256)

/* Whose blocklists count: the document's and the face's, not the address's, device's or e-mail's
 * (didit-api.md 6). By the names of v1 and, lest one is missed, by those of the later versions. */
static const struct str blocking_features[] = { STR_INIT("KYC"), STR_INIT("FACE"),
	STR_INIT("ID_VERIFICATION"), STR_INIT("LIVENESS") };

static bool is_blocking(const struct warning *warning)
{
	if (!str_ends(warning->risk, STR("_IN_BLOCKLIST")))
		return false;
	for (size_t i = 0; i < array_len(blocking_features); i++)
		if (str_eq_nocase(warning->feature, blocking_features[i]))
			return true;
	return false;
}

/* Two of the nine are flags, the others texts (starkfi-kyc-api.md 8). */
static bool is_of_its_kind(enum ip_field field, const struct js *value)
{
	if (field == IP_VPN || field == IP_DATA_CENTER)
		return js_kind(value) == JS_BOOL;
	return js_kind(value) == JS_TEXT && js_text(value).n <= VALUE_MAX;
}

/* As JSON text; what is absent, too long or of another kind counts as null. */
static enum err field_text(enum ip_field field, const struct js *value, struct arena *a, struct str *out)
{
	struct js_writer w;
	struct buf text;

	buf_init(&text, a);
	js_begin(&w, &text);
	if (is_of_its_kind(field, value))
		js_put_value(&w, value);
	else
		js_put_null(&w);
	return buf_done(&text, out);
}

static enum err read_location(const struct js *location, struct arena *a, struct decision *d)
{
	if (js_text(js_get(location, ip_field_name(IP_ADDRESS))).n == 0)
		return OK;
	for (enum ip_field f = 0; f < IP_FIELDS; f++)
		TRY(field_text(f, js_get(location, ip_field_name(f)), a, &d->ips[0].fields[f]));
	d->n_ips = 1;
	return OK;
}

static enum err keep_warning(const struct warning *warning, struct arena *a, struct decision *d)
{
	struct warning copy;

	if (d->n_warnings == DECISION_WARNINGS)
		return OK;
	copy.feature = arena_copy(a, warning->feature);
	copy.risk = arena_copy(a, warning->risk);
	if (copy.feature.p == NULL || copy.risk.p == NULL)
		return ERR_INPUT;
	d->warnings[d->n_warnings++] = copy;
	return OK;
}

static enum err read_warnings(const struct js *warnings, struct arena *a, struct decision *d)
{
	for (size_t i = 0; i < js_count(warnings); i++) {
		const struct js *item = js_at(warnings, i);
		const struct warning warning = { js_text(js_get(item, "feature")),
			js_text(js_get(item, "risk")) };

		/* All are looked at, also those beyond what is kept. */
		d->blocklisted = d->blocklisted || is_blocking(&warning);
		if (warning.risk.n > 0 && warning.risk.n <= VALUE_MAX && warning.feature.n <= VALUE_MAX)
			TRY(keep_warning(&warning, a, d));
	}
	return OK;
}

enum err decision_v1_read(const struct js *decision, struct arena *a, struct decision *out)
{
	struct decision d = { .n_ips = 0 };

	TRY(read_location(js_get(decision, "location"), a, &d));
	TRY(read_warnings(js_get(decision, "warnings"), a, &d));
	*out = d;
	return OK;
}
