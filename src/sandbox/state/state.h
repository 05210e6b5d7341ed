/* All that the sandbox remembers: sessions, access tokens, webhook destinations; sandbox/server/persistence
 * writes it down. Bounded: beyond its limit the oldest finished session goes, and the oldest one when none is
 * finished. No lock of its own; pointers to sessions are valid until the next state_add or state_drop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/destinations.h"
#include "sandbox/state/ids.h"
#include "sandbox/state/scenario.h"

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

/* On the block list: face, document, phone number, e-mail address. */
#define BLOCK_ITEMS 4

struct sandbox_session {
	int64_t number; /* rising */
	char id[UUID_SIZE], token[SESSION_TOKEN_SIZE];
	enum sandbox_version version; /* it was made with */
	unsigned parts;
	char workflow_id[UUID_SIZE]; /* as it was given; empty in v1 */
	/* p == NULL: none was given; the second line is JSON */
	struct str vendor_data, callback, language;
	struct str metadata, contact_details, expected_details;
	struct str corrections;	    /* sandbox/decision/corrections; JSON, too */
	moment created, link_since; /* the link's life counts from here */
	moment expires_at;	    /* of an approval: when its document does; 0: not */
	enum didit_status status;
	const struct scenario *requested_scenario; /* for by the create; NULL: not */
	const struct scenario *scenario;	   /* NULL until it was run */
	/* Of single sections, by hand; DIDIT_NOT_STARTED: as the scenario has it. */
	enum didit_status manual_status[SECTIONS];
	unsigned redo;	   /* parts that are to be done again: they have not run */
	moment last_rerun; /* of parts that need nobody */
	struct review *reviews;
	size_t n_reviews;
	int64_t person;			/* the number of the session whose person this is; 0: its own */
	moment blocked_at[BLOCK_ITEMS]; /* on the block list since; 0: not there */
	/* For another application to import it, once. Empty: it was never shared. */
	char share_token[ACCESS_TOKEN_SIZE];
	moment share_until;
	bool imported;
	/* The keeper's: gone, but still written down; and the SHA-256 of what was written last. */
	bool deleted;
	unsigned char saved_digest[32];
};

struct state;

enum err state_open(size_t sessions_max, struct state **out) must_use;
/* Wipes the secrets. Accepts NULL. */
void state_close(struct state *state);

/* Keeps a copy of the draft and its texts, gives it its number. ERR_CONFLICT: that id or token is there. */
enum err state_add(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* The same with the draft's own number, for what was written down: in the order of the numbers. */
enum err state_restore(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* NULL: there is none. Who finds one so may change it: it counts as touched. */
struct sandbox_session *state_by_id(struct state *state, struct str id);
struct sandbox_session *state_by_token(struct state *state, struct str token);
/* From the oldest to the newest; NULL starts, NULL ends. Who changes one says state_touch. */
struct sandbox_session *state_next(const struct state *state, struct sandbox_session *after_this);
/* The other way. */
struct sandbox_session *state_previous(const struct state *state, struct sandbox_session *this_one);
size_t state_count(const struct state *state);
void state_drop(struct state *state, struct sandbox_session *session);
enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at) must_use;

/* Takes all texts of `wanted`, some of which may be the session's own. */
enum err state_set_texts(struct sandbox_session *session, const struct sandbox_session *wanted) must_use;

/* Open: a person can still finish it. */
bool sandbox_session_is_open(const struct sandbox_session *session);

struct destinations *state_destinations(struct state *state);

/* Access tokens are kept as their SHA-256; beyond TOKENS_MAX the oldest goes. */
#define TOKENS_MAX 256
void state_token_add(struct state *state, const unsigned char digest[32], moment until);
bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now);
/* By its place in the order of their making, from 0; valid for the last TOKENS_MAX. */
const unsigned char *state_token_at(const struct state *state, uint64_t i, moment *until);
void state_token_restore(struct state *state, uint64_t i, const unsigned char digest[32], moment until);
/* How many there have ever been. */
uint64_t state_tokens_issued(const struct state *state);

/* From now on the state remembers what was touched, until it hears that this is settled. */
void state_track_changes(struct state *state);
void state_mark_changed(struct state *state, struct sandbox_session *session);
/* Each one once, dropped ones too; NULL starts, NULL ends. */
struct sandbox_session *state_next_changed(const struct state *state, struct sandbox_session *after_this);
void state_changes_saved(struct state *state);
/* The number of the newest session that there ever was. */
int64_t state_last_number(const struct state *state);
void state_raise_last_number(struct state *state, int64_t number);
