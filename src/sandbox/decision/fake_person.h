/* Made-up people, and the parts of a decision about them that all API versions share. A session always has
 * the same person. Names, numbers and postal addresses are invented. IP addresses come from a range reserved
 * for documentation (RFC 5737), and URLs of images use a host name that cannot exist (RFC 6761). */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

struct fake_person {
	struct str first_name, last_name, full_name, gender;
	struct str birth; /* date: "1990-02-03" */
	struct str document_type, document_number;
	struct str country3, country2; /* ISO 3166-1 alpha-3 and alpha-2 */
	struct str country, state, city, street;
	struct str address;		/* full address as one text, with postal code and country */
	struct str latitude, longitude; /* as JSON numbers */
	struct str time_zone, time_zone_offset;
	struct str postal_code, language, email;
	struct str phone_prefix, phone_number;
	struct str phone; /* prefix and number */
};

/* Returns the made-up person of a session, without the changes that its scenario makes. */
const struct fake_person *fake_person_of(const struct sandbox_session *session);
/* Returns the date of birth in the document, such as "1990-02-03". The session's scenario may change it. */
struct str fake_birth_date(const struct sandbox_session *session);
/* Returns the expiry date in the document, such as "2035-05-06". The session's scenario may change it. */
struct str fake_document_expiry(const struct sandbox_session *session);
/* Returns the person's age in whole years at the time when the session was created. */
int fake_age(const struct sandbox_session *session, struct str birth);

/* Each put_ function writes a part of a decision: a JSON member with the name `key`, or a value. */

/* Writes the name of a status, such as "In Progress". */
void put_status(struct json_writer *w, const char *key, enum didit_status status);
/* Writes a text, or null if s.p is NULL. */
void put_text_or_null(struct json_writer *w, const char *key, struct str s);
/* "2026-01-05T10:00:00.000Z" */
void put_moment(struct json_writer *w, const char *key, moment t);
/* Writes the URL of an image or video of this session. */
void put_media(
	struct json_writer *w, const char *key, const struct sandbox_session *session, const char *file);
/* A member with a constant value, which is given as JSON. */
struct constant {
	const char *key, *json;
};
void put_constants(struct json_writer *w, const struct constant *constants);
#define FAKE_IP_SIZE 16
/* Writes the made-up IP address of the session, 203.0.113.x, to `out`. */
void fake_ip(const struct sandbox_session *session, char out[FAKE_IP_SIZE]);
/* Writes the members device_brand to time_zone_offset of v1's `location`. */
void put_device_and_location(struct json_writer *w, const struct sandbox_session *session);
/* Writes one review as an object. */
void put_review(struct json_writer *w, const struct sandbox_review *review);
/* Writes `first` and all later reviews as an array. `first` may be NULL. */
void put_review_list(struct json_writer *w, const struct sandbox_review *first);
/* Writes the member `reviews` with all reviews of the session. */
void put_reviews(struct json_writer *w, const struct sandbox_session *session);
/* Writes the URL of the session's hosted page. If the create request had a language, the URL contains it. */
void put_link(
	struct json_writer *w, const char *key, struct str base_url, const struct sandbox_session *session);
/* Writes the members of the scenario's warning, from feature to long_description. `feature` is a parameter
 * because API versions name it differently. */
void put_warning(struct json_writer *w, const struct sandbox_session *session, struct str feature);
