#include "web/console/finding_values.h"

#include "base/attr.h"
#include "base/buf.h"

struct warning_item {
	struct str feature, risk;
	bool is_information;
};

static const struct template_value warning_item_rows[] = {
	TEXT_VALUE(struct warning_item, feature),
	TEXT_VALUE(struct warning_item, risk),
	FLAG_VALUE(struct warning_item, is_information),
};
const struct template_table finding_warning_values = TEMPLATE_TABLE(struct warning_item, warning_item_rows);

struct place_item {
	struct str text;
};

static const struct template_value place_item_rows[] = { NAME_VALUE(struct place_item, text) };
const struct template_table finding_place_values = TEMPLATE_TABLE(struct place_item, place_item_rows);

struct template_list finding_warnings(struct arena *a, const struct session_findings *findings)
{
	struct warning_item *const items = arena_array(a, struct warning_item, findings->n_warnings + 1);

	for (size_t i = 0; items && i < findings->n_warnings; i++)
		items[i] = (struct warning_item){ findings->warnings[i].feature, findings->warnings[i].risk,
			findings->warnings[i].is_information };
	return (struct template_list){ items, items ? findings->n_warnings : 0 };
}

static struct str place_text(struct arena *a, const struct session_place *place)
{
	const struct {
		struct str text;
		bool is_set;
	} parts[] = { { place->country, place->country.n > 0 }, { place->city, place->city.n > 0 },
		{ place->device, place->device.n > 0 }, { STR("VPN or Tor"), place->is_vpn },
		{ STR("data centre"), place->is_data_center } };
	struct buf text;
	struct str out;

	buf_init(&text, a);
	for (size_t i = 0; i < array_len(parts); i++) {
		if (!parts[i].is_set)
			continue;
		if (text.n > 0)
			buf_add(&text, STR(", "));
		buf_add(&text, parts[i].text);
	}
	return buf_done(&text, &out) == OK ? out : STR("");
}

struct template_list finding_places(struct arena *a, const struct session_findings *findings)
{
	struct place_item *const items = arena_array(a, struct place_item, findings->n_places + 1);
	size_t n = 0;

	for (size_t i = 0; items && i < findings->n_places; i++) {
		items[n].text = place_text(a, &findings->places[i]);
		n += items[n].text.n > 0;
	}
	return (struct template_list){ items, n };
}

struct result_item {
	struct str feature, result, tone;
};

static const struct template_value result_item_rows[] = {
	TEXT_VALUE(struct result_item, feature),
	TEXT_VALUE(struct result_item, result),
	TEXT_VALUE(struct result_item, tone),
};
const struct template_table finding_result_values = TEMPLATE_TABLE(struct result_item, result_item_rows);

/* Words of the provider (didit-api.md 4.3) whose badge has a colour. */
static struct str result_tone(struct str status)
{
	static const struct {
		struct str status, tone;
	} tones[] = { { STR_INIT("Approved"), STR_INIT("good") }, { STR_INIT("Declined"), STR_INIT("bad") },
		{ STR_INIT("In Review"), STR_INIT("wait") } };

	for (size_t i = 0; i < array_len(tones); i++)
		if (str_eq_nocase(status, tones[i].status))
			return tones[i].tone;
	return STR("");
}

struct template_list finding_results(struct arena *a, const struct session_findings *findings)
{
	struct result_item *const items = arena_array(a, struct result_item, findings->n_results + 1);

	for (size_t i = 0; items && i < findings->n_results; i++) {
		const struct session_result *const result = &findings->results[i];

		items[i] = (struct result_item){ result->feature,
			result->status.n > 0 ? result->status : STR("Not run"), result_tone(result->status) };
	}
	return (struct template_list){ items, items ? findings->n_results : 0 };
}
