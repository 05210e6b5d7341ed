/* The sandbox's state in memory: sessions, access tokens and webhook destinations. Storing it is the job of
 * sandbox/server/persistence. The number of sessions is bounded: at the limit, adding one evicts the oldest
 * finished session, or the oldest one if none is finished. Not thread-safe: the caller locks.
 * A pointer to a session is valid until the next state_add or state_remove. */
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

#define SANDBOX_JSON_MAX 4096 /* bytes of a JSON text stored with a session */

/* The checks ("parts") of a session as a bit set, one bit for each section. Every session checks document and
 * location. */
#define PART(section) (1U << (section))
#define PARTS_ALWAYS (PART(SECTION_DOCUMENT) | PART(SECTION_LOCATION))
#define PARTS_FACE (PART(SECTION_LIVENESS) | PART(SECTION_FACE_MATCH))
/* Everything that a v1 session can check, and that a v2 or v3 session can check. */
#define PARTS_V1 (PARTS_ALWAYS | PARTS_FACE | PART(SECTION_CHIP) | PART(SECTION_AML))
#define PARTS_ALL                                                                                            \
	(PARTS_V1 | PART(SECTION_ADDRESS) | PART(SECTION_PHONE) | PART(SECTION_EMAIL) |                      \
		PART(SECTION_DATABASE) | PART(SECTION_QUESTIONNAIRE))

/* A decision or comment by a reviewer. A session keeps its last REVIEWS_MAX reviews. */
#define REVIEWS_MAX 16
struct review {
	struct review *next; /* the next newer one */
	enum didit_status status;
	moment at;
	struct str comment;
};

/* What of a session can be on the block list: face, document, phone number, e-mail address. */
#define BLOCK_ITEMS 4

struct sandbox_session {
	int64_t number; /* consecutive, from 1; never reused */
	char id[UUID_SIZE], token[SESSION_TOKEN_SIZE];
	enum sandbox_version version; /* the API version that created the session */
	unsigned parts;
	char workflow_id[UUID_SIZE]; /* as the create request gave it, in lower case; empty in v1 */
	/* As the create request gave them; p == NULL: not given. The second line holds JSON. */
	struct str vendor_data, callback, language;
	struct str metadata, contact_details, expected_details;
	struct str corrections;	    /* JSON, see sandbox/decision/corrections */
	moment created, link_since; /* link_since: the start of the link's lifetime */
	moment expires_at;	    /* when the document of an approved session expires; 0: never */
	enum didit_status status;
	const struct scenario *requested_scenario; /* `sandbox_scenario` of the create request; NULL: none */
	const struct scenario *scenario;	   /* the scenario that was run; NULL: none yet */
	/* Status that a reviewer set for one section; DIDIT_NOT_STARTED: none, the scenario decides. */
	enum didit_status manual_status[SECTIONS];
	unsigned redo;	   /* parts the person must repeat; they count as not done yet */
	moment last_rerun; /* of the automatic parts, which need no action by the person */
	struct review *reviews;
	size_t n_reviews;
	/* Number of the session whose made-up person this session shows (an import); 0: its own number. */
	int64_t person;
	moment blocked_at[BLOCK_ITEMS]; /* when the item was put on the block list; 0: not on it */
	/* Token with which another application can import this session once; empty: never shared. */
	char share_token[ACCESS_TOKEN_SIZE];
	moment share_until;
	bool imported;
	/* For persistence: deleted here but still in the store; SHA-256 of the bytes stored last. */
	bool deleted;
	unsigned char saved_digest[32];
};

struct state;

enum err state_open(size_t sessions_max, struct state **out) must_use;
/* Frees everything and wipes the secrets. Accepts NULL. */
void state_close(struct state *state);

/* Adds a copy of the draft and its texts under the next session number. ERR_CONFLICT: a session with this id
 * or token exists. */
enum err state_add(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* Adds a session loaded from the store, which keeps its number. The caller adds them in rising order. */
enum err state_restore(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* Both return NULL if there is no such session, and mark a found session as changed: the caller may modify
 * it. */
struct sandbox_session *state_by_id(struct state *state, struct str id);
struct sandbox_session *state_by_token(struct state *state, struct str token);
/* Iterates from the oldest to the newest session: starts with NULL, returns NULL after the last one. A caller
 * that modifies a session calls state_mark_changed. */
struct sandbox_session *state_next(const struct state *state, struct sandbox_session *after_this);
/* The same from the newest to the oldest. */
struct sandbox_session *state_previous(const struct state *state, struct sandbox_session *before_this);
size_t state_count(const struct state *state);
/* Removes the session from the state. */
void state_remove(struct state *state, struct sandbox_session *session);
/* Appends a review and drops the oldest one when there are REVIEWS_MAX. */
enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at) must_use;

/* Replaces all texts of the session by copies of those in `wanted`. These may point into the session's own
 * texts. */
enum err state_set_texts(struct sandbox_session *session, const struct sandbox_session *wanted) must_use;

/* True while the person can still complete the verification. */
bool sandbox_session_is_open(const struct sandbox_session *session);

struct destinations *state_destinations(struct state *state);

/* Access tokens are stored as their SHA-256. Only the newest TOKENS_MAX tokens are kept. */
#define TOKENS_MAX 256
void state_token_add(struct state *state, const unsigned char digest[32], moment until);
/* True if the token is known and has not expired. */
bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now);
/* Read or set a token by its serial number, counted from 0 in the order of issue. Valid for the last
 * TOKENS_MAX tokens. */
const unsigned char *state_token_at(const struct state *state, uint64_t i, moment *until);
void state_token_restore(struct state *state, uint64_t i, const unsigned char digest[32], moment until);
/* Number of tokens issued so far, including those that were dropped. */
uint64_t state_tokens_issued(const struct state *state);

/* Change tracking, for persistence. From now on the state records which sessions were changed or deleted. */
void state_track_changes(struct state *state);
void state_mark_changed(struct state *state, struct sandbox_session *session);
/* Iterates over the changed and deleted sessions, each once: starts with NULL, returns NULL at the end. */
struct sandbox_session *state_next_changed(const struct state *state, struct sandbox_session *after_this);
/* The recorded changes are stored: forgets them and frees the deleted sessions. */
void state_changes_saved(struct state *state);
/* The highest session number given so far, also of sessions that were deleted. */
int64_t state_last_number(const struct state *state);
/* Makes sure that new sessions get numbers above `number`. */
void state_raise_last_number(struct state *state, int64_t number);
