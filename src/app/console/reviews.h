/* Reviews in the console: the queue of sessions in review, and one of them with what the provider found. Each
 * function sets `verdict`, and its results only if that is CONSOLE_PERMITTED. The acts are in
 * app/console/review_acts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/console/session_findings.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/reason.h"
#include "domain/review.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

/* Number of sessions on a page of the queue. A page ends after as many sessions of other tenants. */
#define REVIEW_LIST_MAX 50
#define REVIEWS_LOOKED_AT_MAX 2000
/* The limit of the arena of one call. */
#define REVIEWS_ARENA ((size_t)2 * 1024 * 1024)

/* A place in the queue, which is sorted by the creation of sessions and then by id: after this session, which
 * need not be in the queue any more. All 0: the beginning. */
struct review_key {
	moment created_at;
	struct session_id session_id;
};

/* The ids by which the tenant knows a person; empty: unknown, or none. */
struct review_person {
	struct public_user_id id;
	struct str reference;
};

struct review_row {
	struct session_id session_id;
	struct provider_ref provider_ref;
	char tenant[TENANT_NAME_SIZE];
	struct review_person person;
	struct reasons reasons; /* what the provider found */
	moment created_at;	/* of the session */
	bool is_proposed;	/* a second operator must confirm a decision */
	bool is_claimed, is_own;
	struct str claimed_by; /* the operator's e-mail address */
	moment claimed_until;
};

struct review_list {
	struct review_row rows[REVIEW_LIST_MAX];
	size_t n;
	struct review_key next_after; /* where the next page begins */
	bool has_more;
};

/* Lists the sessions in review of the caller's tenants, oldest first, that are after a place in the queue. */
enum err console_review_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct review_key *after, struct review_list *out, enum console_verdict *verdict) must_use;

struct review_view {
	struct session session;
	struct tenant tenant;
	struct review review;
	struct review_person person;
	struct reasons reasons;
	struct session_findings findings;
	struct str comment;
	/* E-mail addresses of operators; empty: none. */
	struct str claimed_by, decided_by, confirmed_by;
	bool is_in_review; /* the session still has the status In Review */
	bool is_claimed, is_own;
	bool is_own_decision; /* the caller made the decision that another operator must confirm */
};

/* Loads a session in review, or one that was decided here. Reading it is an audit entry. Returns
 * ERR_NOT_FOUND if there is no such session. */
enum err console_review_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str session_id, struct review_view *out, enum console_verdict *verdict) must_use;

/* Loads a session by kycd's own id. Returns ERR_NOT_FOUND if there is no such session. */
enum err console_review_session(
	const struct world *world, struct arena *a, struct str session_id, struct session *out) must_use;
/* What other pages say about the review of a session. */
struct review_summary {
	bool exists; /* the session is in review, or an operator has decided it */
	/* Only of a decided review. */
	struct str decided_by; /* the operator's e-mail address; empty: unknown */
	moment decided_at;
};
enum err console_review_summary_load(const struct world *world, struct tx *tx, const struct session *session,
	struct review_summary *out) must_use;
/* Loads the review of a session, or a new one. */
enum err console_review_load(struct tx *tx, const struct session *session, struct review *out) must_use;
/* Loads the ids of the session's person. */
enum err console_review_person(const struct world *world, struct tx *tx, const struct session *session,
	struct review_person *out) must_use;
/* Opens the comment of a decision. `user` is the session's. */
enum err console_review_comment(const struct world *world, struct arena *a, const struct user *user,
	const struct review *review, struct str *out) must_use;
