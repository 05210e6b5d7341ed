#include "sandbox/decision/fake_person.h"

#include <stdio.h>

#include "base/attr.h"

/* clang-format off */
static const struct fake_person people[] = {
	{ STR_INIT("Ana"), STR_INIT("Exemplo"), STR_INIT("Ana Exemplo"), STR_INIT("F"), STR_INIT("1990-02-03"),
	  STR_INIT("Passport"), STR_INIT("XX0000001"),
	  STR_INIT("PRT"), STR_INIT("PT"), STR_INIT("Portugal"), STR_INIT("Lisbon"), STR_INIT("Lisbon"),
	  STR_INIT("Rua Um 1, Lisboa"), STR_INIT("Rua Um 1, 1000-001 Lisboa, Portugal"),
	  STR_INIT("38.72"), STR_INIT("-9.14"), STR_INIT("Europe/Lisbon"), STR_INIT("+0000"),
	  STR_INIT("1000-001"), STR_INIT("pt"), STR_INIT("ana.exemplo@example.com"), STR_INIT("+351"), STR_INIT("000000001"), STR_INIT("+351000000001") },
	{ STR_INIT("José"), STR_INIT("Ñandú"), STR_INIT("José Ñandú"), STR_INIT("M"), STR_INIT("1985-11-30"),
	  STR_INIT("Identity Card"), STR_INIT("XX0000002"),
	  STR_INIT("ESP"), STR_INIT("ES"), STR_INIT("Spain"), STR_INIT("Madrid"), STR_INIT("Madrid"),
	  STR_INIT("Calle Dos 2, Madrid"), STR_INIT("Calle Dos 2, 28000 Madrid, Spain"),
	  STR_INIT("40.42"), STR_INIT("-3.7"), STR_INIT("Europe/Madrid"), STR_INIT("+0100"),
	  STR_INIT("28000"), STR_INIT("es"), STR_INIT("jose.nandu@example.com"), STR_INIT("+34"), STR_INIT("000000002"), STR_INIT("+34000000002") },
	{ STR_INIT("Zoë"), STR_INIT("Beispiel"), STR_INIT("Zoë Beispiel"), STR_INIT("F"), STR_INIT("1999-07-14"),
	  STR_INIT("Residence Permit"), STR_INIT("XX0000003"),
	  STR_INIT("DEU"), STR_INIT("DE"), STR_INIT("Germany"), STR_INIT("Berlin"), STR_INIT("Berlin"),
	  STR_INIT("Straße Drei 3, Berlin"), STR_INIT("Straße Drei 3, 10000 Berlin, Germany"),
	  STR_INIT("52.52"), STR_INIT("13.4"), STR_INIT("Europe/Berlin"), STR_INIT("+0100"),
	  STR_INIT("10000"), STR_INIT("de"), STR_INIT("zoe.beispiel@example.com"), STR_INIT("+49"), STR_INIT("0000000003"), STR_INIT("+490000000003") },
};
/* clang-format on */

const struct fake_person *fake_person_of(const struct sandbox_session *session)
{
	const int64_t number = session->person ? session->person : session->number;

	return &people[(size_t)number % array_len(people)];
}

static bool scenario_is(const struct sandbox_session *session, struct str slug)
{
	return session->scenario && str_eq(session->scenario->slug, slug);
}

struct str fake_birth_date(const struct sandbox_session *session)
{
	return scenario_is(session, STR("decline_minimum_age")) ? STR("2015-01-01")
								: fake_person_of(session)->birth;
}

struct str fake_document_expiry(const struct sandbox_session *session)
{
	return scenario_is(session, STR("decline_document_expired")) ? STR("2020-05-06") : STR("2035-05-06");
}

int fake_age(const struct sandbox_session *session, struct str birth)
{
	char now[MOMENT_RFC3339_SIZE];
	int64_t born = 0, year = 0;

	moment_rfc3339(session->created, now);
	if (!str_number((struct str){ birth.p, 4 }, 9999, &born) ||
		!str_number((struct str){ now, 4 }, 9999, &year))
		return 0;
	/* The age is one year less if this year's birthday has not come yet, which comparing "-MM-DD"
	 * shows. */
	return (int)(year - born) - (str_cmp(str_from((struct str){ now, 10 }, 4), str_from(birth, 4)) < 0);
}

void put_status(struct json_writer *w, const char *key, enum didit_status status)
{
	json_field_text(w, key, didit_status_text(status));
}

void put_text_or_null(struct json_writer *w, const char *key, struct str s)
{
	if (s.p)
		json_field_text(w, key, s);
	else
		json_field_null(w, key);
}

void put_moment(struct json_writer *w, const char *key, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	json_field_text(w, key, str_of(text));
}

void put_media(
	struct json_writer *w, const char *key, const struct sandbox_session *session, const char *file)
{
	char url[96];
	const int n = snprintf(url, sizeof(url), "https://media.example/%s/%s", session->id, file);

	json_field_text(w, key, (struct str){ url, n < (int)sizeof(url) ? (size_t)n : sizeof(url) - 1 });
}

void put_constants(struct json_writer *w, const struct constant *constants)
{
	for (; constants->key; constants++) {
		json_key(w, constants->key);
		json_put_raw(w, str_of(constants->json));
	}
}

void fake_ip(const struct sandbox_session *session, char out[FAKE_IP_SIZE])
{
	(void)snprintf(out, FAKE_IP_SIZE, "203.0.113.%d", (int)(session->number % 254) + 1);
}

void put_device_and_location(struct json_writer *w, const struct sandbox_session *session)
{
	static const struct constant device[] = {
		{ "device_brand", "\"Samsung\"" },
		{ "device_model", "\"Galaxy S23\"" },
		{ "browser_family", "\"Chrome Mobile\"" },
		{ "os_family", "\"Android\"" },
		{ "platform", "\"mobile\"" },
		{ "isp", "\"Example ISP\"" },
		{ "organization", "\"Example Org\"" },
		{ "is_vpn_or_tor", "false" },
		{ "is_data_center", "false" },
		{ NULL, NULL },
	};
	const struct fake_person *const person = fake_person_of(session);
	char ip[FAKE_IP_SIZE];

	fake_ip(session, ip);
	put_constants(w, device);
	json_field_text(w, "ip_address", str_of(ip));
	json_field_text(w, "ip_country", person->country);
	json_field_text(w, "ip_country_code", person->country2);
	json_field_text(w, "ip_state", person->state);
	json_field_text(w, "ip_city", person->city);
	json_key(w, "latitude");
	json_put_raw(w, person->latitude);
	json_key(w, "longitude");
	json_put_raw(w, person->longitude);
	json_field_text(w, "time_zone", person->time_zone);
	json_field_text(w, "time_zone_offset", person->time_zone_offset);
}

void put_review(struct json_writer *w, const struct sandbox_review *review)
{
	json_begin_object(w);
	json_field_text(w, "user", STR("sandbox@example.com"));
	put_status(w, "new_status", review->status);
	put_text_or_null(w, "comment", review->comment);
	put_moment(w, "created_at", review->at);
	json_end_object(w);
}

void put_review_list(struct json_writer *w, const struct sandbox_review *first)
{
	json_begin_array(w);
	for (const struct sandbox_review *review = first; review; review = review->next)
		put_review(w, review);
	json_end_array(w);
}

void put_reviews(struct json_writer *w, const struct sandbox_session *session)
{
	json_key(w, "reviews");
	put_review_list(w, session->reviews);
}

void put_link(
	struct json_writer *w, const char *key, struct str base_url, const struct sandbox_session *session)
{
	const struct str url = arena_printf(w->out->arena, "%.*s%s%.*s/session/%s", STR_ARG(base_url),
		session->language.n ? "/" : "", STR_ARG(session->language), session->token);

	if (!url.p)
		w->out->failed = true;
	json_field_text(w, key, url);
}

/* Writes additional_data, which has members for the two risks for which Didit documents them (didit-api.md
 * 4.3, 6), and is null for all others. */
static void put_additional_warning_fields(struct json_writer *w, const struct sandbox_session *session)
{
	const struct str risk = session->scenario->risk;
	char ip[FAKE_IP_SIZE];

	fake_ip(session, ip);
	json_key(w, "additional_data");
	if (str_eq(risk, STR("IP_ADDRESS_IN_BLOCKLIST"))) {
		json_begin_object(w);
		json_field_text(w, "ip_address", str_of(ip));
		json_end_object(w);
	} else if (str_eq(risk, STR("FACE_IN_BLOCKLIST"))) {
		json_begin_object(w);
		json_field_text(w, "blocklisted_session_id", STR("c0a1b2c3-1111-4222-8333-444455556666"));
		json_end_object(w);
	} else {
		json_put_null(w);
	}
}

void put_warning(struct json_writer *w, const struct sandbox_session *session, struct str feature)
{
	const struct scenario *const scenario = session->scenario;
	char sentence[160];
	const int n = snprintf(sentence, sizeof(sentence), "%.*s (sandbox scenario %.*s).",
		STR_ARG(scenario->description), STR_ARG(scenario->slug));

	json_field_text(w, "feature", feature);
	json_field_text(w, "risk", scenario->risk);
	put_additional_warning_fields(w, session);
	json_field_text(w, "log_type", scenario->status == DIDIT_DECLINED ? STR("error") : STR("warning"));
	json_field_text(w, "short_description", scenario->description);
	json_field_text(w, "long_description",
		(struct str){ sentence, n < (int)sizeof(sentence) ? (size_t)n : sizeof(sentence) - 1 });
}
