/* All that the sandbox remembers: sessions, access tokens, webhook destinations. The one room that will learn
 * to write it down. Bounded: beyond its limit the oldest finished session goes, and the oldest one when none
 * is finished. No lock of its own; pointers to sessions are valid until the next state_add or state_drop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/destinations.h"
#include "sandbox/scenario.h"

#define SESSION_TOKEN_SIZE 13
#define SANDBOX_URL_MAX 2048
#define SANDBOX_VENDOR_MAX 255	/* characters */
#define SANDBOX_COMMENT_MAX 500 /* characters */

#define SANDBOX_JSON_MAX 4096 /* bytes of a JSON text that is kept */

/* What is to be verified, a bit for each section. Document and location always. */
#define PART(section) (1U << (section))
#define PARTS_ALWAYS (PART(SECTION_DOCUMENT) | PART(SECTION_LOCATION))
#define PARTS_FACE (PART(SECTION_LIVENESS) | PART(SECTION_FACE_MATCH))
/* The most that v1 can ask for, and v2 and v3. */
#define PARTS_V1 (PARTS_ALWAYS | PARTS_FACE | PART(SECTION_CHIP) | PART(SECTION_AML))
#define PARTS_ALL                                                                                            \
	(PARTS_V1 | PART(SECTION_ADDRESS) | PART(SECTION_PHONE) | PART(SECTION_EMAIL) |                      \
		PART(SECTION_DATABASE) | PART(SECTION_QUESTIONNAIRE))

/* Of a decision by hand. A session keeps its last REVIEWS_MAX. */
#define REVIEWS_MAX 16
struct review {
	struct review *next; /* newer */
	enum didit_status status;
	moment at;
	struct str comment;
};

struct sandbox_session {
	int64_t number; /* rising */
	char id[UUID_SIZE], token[SESSION_TOKEN_SIZE];
	enum sandbox_version version; /* it was made with */
	unsigned parts;
	char workflow_id[UUID_SIZE]; /* as it was given; empty in v1 */
	/* p == NULL: none was given; the second line is JSON */
	struct str vendor_data, callback, language;
	struct str metadata, contact_details, expected_details;
	moment created, link_from; /* the link's life counts from here */
	enum didit_status status;
	const struct scenario *asked;	 /* for by the create; NULL: not */
	const struct scenario *scenario; /* NULL until it was run */
	/* Of single sections, by hand; DIDIT_NOT_STARTED: as the scenario has it. */
	enum didit_status by_hand[SECTIONS];
	unsigned redo;	   /* parts that are to be done again: they have not run */
	moment last_rerun; /* of parts that need nobody */
	struct review *reviews;
	size_t n_reviews;
};

struct state;

enum err state_open(size_t sessions_max, struct state **out) must_use;
/* Wipes the secrets. Accepts NULL. */
void state_close(struct state *state);

/* Keeps a copy of the draft and its texts, gives it its number. ERR_CONFLICT: that id or token is there. */
enum err state_add(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* NULL: there is none. */
struct sandbox_session *state_by_id(const struct state *state, struct str id);
struct sandbox_session *state_by_token(const struct state *state, struct str token);
/* From the oldest to the newest; NULL starts, NULL ends. */
struct sandbox_session *state_next(const struct state *state, struct sandbox_session *after_this);
/* The other way. */
struct sandbox_session *state_before(const struct state *state, struct sandbox_session *this_one);
size_t state_count(const struct state *state);
void state_drop(struct state *state, struct sandbox_session *session);
enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at) must_use;

/* Takes all texts of `wanted`, some of which may be the session's own. */
enum err state_reword(struct sandbox_session *session, const struct sandbox_session *wanted) must_use;

/* Open: a person can still finish it. */
bool sandbox_session_is_open(const struct sandbox_session *session);

/* Access tokens are kept as their SHA-256; beyond 256 the oldest goes. */
void state_token_add(struct state *state, const unsigned char digest[32], moment until);
bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now);

struct destinations *state_destinations(struct state *state);
