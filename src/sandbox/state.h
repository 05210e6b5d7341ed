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
#include "sandbox/scenario.h"

enum sandbox_version { SANDBOX_V1, SANDBOX_V2, SANDBOX_V3, SANDBOX_VERSIONS };

#define UUID_SIZE 37
#define SESSION_TOKEN_SIZE 13
#define SANDBOX_URL_MAX 2048
#define SANDBOX_VENDOR_MAX 255	/* characters */
#define SANDBOX_COMMENT_MAX 500 /* characters */

/* What is to be verified, as bits. Document always. */
enum part { PART_DOCUMENT = 1, PART_CHIP = 2, PART_FACE = 4, PART_AML = 8 };

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
	struct str vendor_data; /* p == NULL: none was given */
	struct str callback;
	moment created;
	enum didit_status status;
	const struct scenario *scenario; /* NULL until it was run */
	struct review *reviews;
	size_t n_reviews;
};

struct destination {
	enum sandbox_version version;
	struct str url, secret;
};
#define DESTINATIONS_MAX 16

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
size_t state_count(const struct state *state);
void state_drop(struct state *state, struct sandbox_session *session);
enum err state_review(
	struct sandbox_session *session, enum didit_status status, struct str comment, moment at) must_use;

/* Open: a person can still finish it. */
bool sandbox_session_is_open(const struct sandbox_session *session);

/* Access tokens are kept as their SHA-256; beyond 256 the oldest goes. */
void state_token_add(struct state *state, const unsigned char digest[32], moment until);
bool state_token_holds(const struct state *state, const unsigned char digest[32], moment now);

/* ERR_CONFLICT: that URL is there; ERR_BUSY: DESTINATIONS_MAX are there. */
enum err state_destination_add(
	struct state *state, enum sandbox_version version, struct str url, struct str secret) must_use;
const struct destination *state_destinations(const struct state *state, size_t *n);
