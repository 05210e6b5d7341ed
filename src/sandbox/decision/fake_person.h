/* Made-up people, and the parts of a decision about them that all API versions share. A session always gets
 * the same person. Names, numbers and postal addresses are invented; IP addresses come from a documentation
 * range (RFC 5737), and URLs of images use a host name that cannot exist (RFC 6761). */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

struct fake_person {
	struct str first_name, last_name, full_name, gender;
	struct str birth; /* date: "1990-02-03" */
	struct str document_type, document_number;
	struct str country3, country2; /* ISO 3166-1 alpha-3 and alpha-2 */
	struct str country, state, city, street;
	struct str address;		/* formatted, with postal code and country */
	struct str latitude, longitude; /* as JSON numbers */
	struct str time_zone, time_zone_offset;
	struct str postal_code, language, email;
	struct str phone_prefix, phone_number;
	struct str phone; /* prefix and number */
};

/* The made-up person of a session, not yet changed by its scenario. */
const struct fake_person *fake_person_of(const struct sandbox_session *session);
/* Date of birth and expiry date in the document, such as "1990-02-03". The session's scenario may change
 * them. */
struct str fake_birth_date(const struct sandbox_session *session);
struct str fake_document_expiry(const struct sandbox_session *session);
/* Age in whole years when the session was created. */
int fake_age(const struct sandbox_session *session, struct str birth);

/* The put_ functions write parts of a decision: a JSON member with the name `key`, or a value. */

/* A status such as "In Progress". */
void put_status(struct json_writer *w, const char *key, enum didit_status status);
/* A text, or null if s.p is NULL. */
void put_text_or_null(struct json_writer *w, const char *key, struct str s);
/* "2026-01-05T10:00:00.000Z" */
void put_moment(struct json_writer *w, const char *key, moment t);
/* The URL of an image or video of this session. */
void put_media(
	struct json_writer *w, const char *key, const struct sandbox_session *session, const char *file);
/* Members with constant values, given as JSON. The array ends with a NULL key. */
struct constant {
	const char *key, *json;
};
void put_constants(struct json_writer *w, const struct constant *constants);
/* Writes the made-up IP address of the session, 203.0.113.x, to `out`. */
#define FAKE_IP_SIZE 16
void fake_ip(const struct sandbox_session *session, char out[FAKE_IP_SIZE]);
/* The members device_brand to time_zone_offset of v1's `location`. */
void put_device_and_location(struct json_writer *w, const struct sandbox_session *session);
/* One review as an object; all reviews from `first` on, which may be NULL, as an array. */
void put_review(struct json_writer *w, const struct review *review);
void put_review_list(struct json_writer *w, const struct review *first);
/* The member `reviews` with all reviews of the session. */
void put_reviews(struct json_writer *w, const struct sandbox_session *session);
/* The URL of the session's hosted page, in the language that the create request gave, if any. */
void put_link(
	struct json_writer *w, const char *key, struct str base_url, const struct sandbox_session *session);
/* The members of the scenario's warning, feature to long_description. API versions name `feature`
 * differently. */
void put_warning(struct json_writer *w, const struct sandbox_session *session, struct str feature);
