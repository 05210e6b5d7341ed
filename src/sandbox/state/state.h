/* The sandbox's state in memory: sessions, access tokens and webhook destinations. sandbox/server/persistence
 * stores it. The number of sessions is limited: at the limit, adding a session evicts the oldest finished
 * session, or the oldest one if none is finished. A pointer to a session is valid until the next state_add or
 * state_remove. Not thread-safe: the caller locks. */
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

#define SANDBOX_JSON_MAX 4096 /* size limit in bytes of each JSON text that a session contains */

/* The checks ("parts") of a session are a bit set with one bit for each section. Every session checks
 * document and location. */
#define PART(section) (1U << (section))
#define PARTS_ALWAYS (PART(SECTION_DOCUMENT) | PART(SECTION_LOCATION))
#define PARTS_FACE (PART(SECTION_LIVENESS) | PART(SECTION_FACE_MATCH))
/* The checks that a v1 session can include. */
#define PARTS_V1 (PARTS_ALWAYS | PARTS_FACE | PART(SECTION_CHIP) | PART(SECTION_AML))
/* The checks that a v2 or v3 session can include. */
#define PARTS_ALL                                                                                            \
	(PARTS_V1 | PART(SECTION_ADDRESS) | PART(SECTION_PHONE) | PART(SECTION_EMAIL) |                      \
		PART(SECTION_DATABASE) | PART(SECTION_QUESTIONNAIRE))

/* A session keeps its last REVIEWS_MAX reviews. A review is a decision or a comment by a reviewer. */
#define REVIEWS_MAX 16
struct sandbox_review {
	struct sandbox_review *next; /* the next newer one */
	enum didit_status status;
	moment at;
	struct str comment;
};

/* A session keeps its last STATUS_CHANGES_MAX changes of status after its creation. */
#define STATUS_CHANGES_MAX 16
struct status_change {
	enum didit_status status;
	moment at;
};

/* Number of a session's items that can be on the block list: face, document, phone number and e-mail
 * address. */
#define BLOCK_ITEMS 4

struct sandbox_session {
	int64_t number; /* consecutive, from 1; never reused */
	char id[UUID_SIZE], token[SESSION_TOKEN_SIZE];
	enum sandbox_version version; /* the API version that created the session */
	unsigned parts;
	char workflow_id[UUID_SIZE]; /* in lower case; empty in v1 */
	/* Members of the create request: the first three are texts, the others JSON. `p` is NULL if the
	 * request did not contain the member. */
	struct str vendor_data, callback, language;
	struct str metadata, contact_details, expected_details;
	struct str corrections;	    /* JSON, see sandbox/decision/corrections */
	moment created, link_since; /* `link_since`: time from which the link's lifetime counts */
	/* Time when the document of an approved session expires. Not set if it never does. */
	moment expires_at;
	enum didit_status status;
	/* The create request's `sandbox_scenario`, or NULL if it had none. */
	const struct scenario *requested_scenario;
	const struct scenario *scenario; /* the scenario that was run; NULL before that */
	/* Status that a reviewer has set for a section. DIDIT_NOT_STARTED means that none was set, so the
	 * scenario decides. */
	enum didit_status manual_status[SECTIONS];
	unsigned redo;	   /* parts that the person must repeat; they count as not done */
	moment last_rerun; /* time when the automatic checks were last repeated */
	struct sandbox_review *reviews;
	size_t n_reviews;
	struct status_change changes[STATUS_CHANGES_MAX]; /* oldest first */
	size_t n_changes;
	/* Number of the session from which the made-up person is taken, for an imported session. 0 means this
	 * session's own number. */
	int64_t person;
	/* Time when each item was put on the block list; not set if it is not on the list. */
	moment blocked_at[BLOCK_ITEMS];
	/* Token with which another application can import this session once. Empty if the session was never
	 * shared. */
	char share_token[ACCESS_TOKEN_SIZE];
	moment share_until;
	bool imported;
	bool deleted; /* for persistence: the session was deleted but is still in the store */
	unsigned char saved_digest[32]; /* for persistence: SHA-256 of the bytes stored last */
};

struct state;

enum err state_open(size_t sessions_max, struct state **out) must_use;
/* Frees everything and wipes the secrets. Accepts NULL. */
void state_close(struct state *state);

/* Adds a copy of the draft and its texts under the next session number. Returns ERR_CONFLICT if a session
 * with this id or token exists. */
enum err state_add(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* Adds a session that was loaded from the store and keeps its number. The caller adds sessions in the order
 * of their numbers. */
enum err state_restore(
	struct state *state, const struct sandbox_session *draft, struct sandbox_session **out) must_use;
/* Returns the session with this id, or NULL. Marks it as changed, because the caller may modify it. */
struct sandbox_session *state_by_id(struct state *state, struct str id);
/* Returns the session with this token, or NULL. Marks it as changed, because the caller may modify it. */
struct sandbox_session *state_by_token(struct state *state, struct str token);
/* Iterates from the oldest to the newest session: with NULL returns the first, and after the last returns
 * NULL. A caller that modifies a session must call state_mark_changed. */
struct sandbox_session *state_next(const struct state *state, struct sandbox_session *after_this);
/* Like state_next, but from the newest to the oldest session. */
struct sandbox_session *state_previous(const struct state *state, struct sandbox_session *before_this);
size_t state_count(const struct state *state);
/* Removes the session from the state. */
void state_remove(struct state *state, struct sandbox_session *session);
/* Appends a review. If there are already REVIEWS_MAX reviews, removes the oldest. */
enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at) must_use;

/* Replaces all texts of the session by copies of those in `wanted`, which may point into the session's own
 * texts. */
enum err state_set_texts(struct sandbox_session *session, const struct sandbox_session *wanted) must_use;

/* Returns true while the person can still complete the verification. */
bool sandbox_session_is_open(const struct sandbox_session *session);

struct destinations *state_destinations(struct state *state);

/* Only the newest TOKENS_MAX access tokens are kept. Of each token, only the SHA-256 is stored. */
#define TOKENS_MAX 256
void state_token_add(struct state *state, const unsigned char digest[32], moment until);
/* Returns true if the token is known and has not expired. */
bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now);
/* Returns the SHA-256 of the token with the index `i`, and sets `until` to its end. The tokens are counted
 * from 0 in the order of issue; `i` must be the index of one of the last TOKENS_MAX. */
const unsigned char *state_token_at(const struct state *state, uint64_t i, moment *until);
/* Sets the token with the index `i`; see state_token_at. Used to load stored tokens. */
void state_token_restore(struct state *state, uint64_t i, const unsigned char digest[32], moment until);
/* Returns the number of tokens issued so far, including those that were dropped. */
uint64_t state_tokens_issued(const struct state *state);

/* Starts change tracking, for persistence: from now on the state records which sessions were changed or
 * deleted. */
void state_track_changes(struct state *state);
void state_mark_changed(struct state *state, struct sandbox_session *session);
/* Iterates over the changed and deleted sessions, each once: with NULL returns the first, and after the last
 * returns NULL. */
struct sandbox_session *state_next_changed(const struct state *state, struct sandbox_session *after_this);
/* Called when the recorded changes have been stored: forgets them and frees the deleted sessions. */
void state_changes_saved(struct state *state);
/* Returns the highest session number given so far, including numbers of deleted sessions. */
int64_t state_last_number(const struct state *state);
/* Makes sure that new sessions get numbers above `number`. */
void state_raise_last_number(struct state *state, int64_t number);
