/* Made-up people, the same one for the same session, and the parts of a decision about them that all versions
 * share. Names, numbers and places are inventions; addresses are of the documentation range (RFC 5737),
 * images of a name that does not exist (RFC 6761). */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

struct fake_person {
	struct str first_name, last_name, full_name, gender, birth;
	struct str document_type, document_number;
	struct str country3, country2, country, state, city, street, address;
	struct str latitude, longitude; /* JSON numbers */
	struct str time_zone, time_zone_offset;
	struct str postal_code, language, email;
	struct str phone_prefix, phone_number, phone;
};

/* The person a session is about, before any scenario. */
const struct fake_person *fake_person_of(const struct sandbox_session *session);
/* Of the document, as the scenario has it: "1990-02-03". */
struct str fake_birth_date(const struct sandbox_session *session);
struct str fake_document_expiry(const struct sandbox_session *session);
/* Whole years at the session's creation. */
int fake_age(const struct sandbox_session *session, struct str birth);
/* "Not Started", "In Progress", …, as a member. */
void put_status(struct json_writer *w, const char *key, enum didit_status status);
/* A text, or null for one that was not given. */
void put_text_or_null(struct json_writer *w, const char *key, struct str s);
/* "2026-01-05T10:00:00.000Z" */
void put_moment(struct json_writer *w, const char *key, moment t);
/* The address of a picture or film of this session. */
void put_media(
	struct json_writer *w, const char *key, const struct sandbox_session *session, const char *file);
/* A list of members that are always the same, as JSON texts; ends with a NULL key. */
struct constant {
	const char *key, *json;
};
void put_constants(struct json_writer *w, const struct constant *constants);
/* 203.0.113.x */
#define FAKE_IP_SIZE 16
void fake_ip(const struct sandbox_session *session, char out[FAKE_IP_SIZE]);
/* device_brand … time_zone_offset: members of v1's location. */
void put_device_and_location(struct json_writer *w, const struct sandbox_session *session);
/* One review; a list from this one on, which may be NULL. */
void put_review(struct json_writer *w, const struct review *review);
void put_review_list(struct json_writer *w, const struct review *first);
/* "sandbox@example.com" decided so: all reviews, as the member `reviews`. */
void put_reviews(struct json_writer *w, const struct sandbox_session *session);
/* The member with the link of the session, in its language if one was asked for. */
void put_link(
	struct json_writer *w, const char *key, struct str base_url, const struct sandbox_session *session);
/* The members of a warning: feature, as the version calls it, … long_description. */
void put_warning(struct json_writer *w, const struct sandbox_session *session, struct str feature);
