/* Reviews: a session with the status In Review waits for an operator's decision (spec/pages-and-console.md
 * 3). One operator at a time claims it, for a limited time. At a tenant with four eyes, the first decision is
 * only proposed, and another operator confirms or rejects it. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/reason.h"
#include "domain/verification.h"

/* How long a claim lasts. Claiming again prolongs it. */
#define REVIEW_CLAIM_LIFE minutes(15)
/* Longest comment, in bytes. */
#define REVIEW_COMMENT_MAX 1000
#define REVIEW_REASON_SIZE 33

/* The database stores the numbers of both enums: add new values at the end. */
enum review_state {
	REVIEW_OPEN = 1,
	REVIEW_PROPOSED, /* decided by one operator; another one must confirm it */
	REVIEW_DECIDED,	 /* the provider has accepted the decision. If the session is in review again later,
			    this  counts as REVIEW_OPEN */
};
enum review_verdict {
	REVIEW_NO_VERDICT,
	REVIEW_APPROVE,
	REVIEW_DECLINE,
	REVIEW_DECLINE_RETRY, /* decline, and allow the person another try */
	REVIEW_VERDICTS
};

struct review {
	struct session_id session_id;
	struct tenant_id tenant_id;
	enum review_state state;
	struct operator_id claimed_by; /* empty: nobody */
	moment claimed_until;
	/* The decision. While REVIEW_OPEN: the one that was last sent to the provider, only verdict and
	 * reason. */
	enum review_verdict verdict;
	char reason[REVIEW_REASON_SIZE]; /* a word of domain/reason; may be empty for an approval */
	struct str sealed_comment;	 /* empty: none */
	struct operator_id decided_by;
	moment decided_at;
	/* The second operator; unset without four eyes. While REVIEW_PROPOSED: the one whose confirmation was
	 * sent to the provider, without a time. */
	struct operator_id confirmed_by;
	moment confirmed_at;
};

/* Whether an operator may act on a review. */
enum review_check {
	REVIEW_PERMITTED,
	REVIEW_CLOSED,		/* the session is not in review any more */
	REVIEW_CLAIMED,		/* by another operator */
	REVIEW_NOT_CLAIMED,	/* the operator has not claimed it, or the claim has expired */
	REVIEW_OWN_DECISION,	/* the operator has made the decision that another one must confirm */
	REVIEW_OUTDATED,	/* the operator acts on another decision than the present one, or on none */
	REVIEW_OTHERS_DECISION, /* another operator made the decision, so this one cannot withdraw it */
	REVIEW_PART_OF_GROUP,	/* the operator may not allow another try: other tenants know the person */
	REVIEW_CHECKS
};

/* "approve", "decline" or "decline_retry"; "" for REVIEW_NO_VERDICT. */
const char *review_verdict_name(enum review_verdict verdict);
/* Returns false if there is no such verdict. */
bool review_verdict_read(struct str name, enum review_verdict *out);
/* The status that the session gets. */
enum session_status review_verdict_status(enum review_verdict verdict);
/* Whether the reason is a word of domain/reason. An approval needs none. */
bool review_reason_is_valid(enum review_verdict verdict, struct str reason);

/* The row of a session that nobody has claimed. */
struct review review_new(const struct session_id *session, const struct tenant_id *tenant);

/* `now` of the following functions is that of world_expiry_now(). */
bool review_is_claimed(const struct review *review, moment now);
bool review_is_claimed_by(const struct review *review, const struct operator_id *operator_id, moment now);
/* Claims the review for the operator, or prolongs the operator's claim. */
enum review_check review_claim(struct review *review, const struct operator_id *operator_id, moment now);
/* Ends the operator's claim. */
enum review_check review_release(struct review *review, const struct operator_id *operator_id, moment now);
/* Whether the operator may decide, which needs the operator's own claim. */
enum review_check review_check_decide(
	const struct review *review, const struct operator_id *operator_id, moment now);
/* Whether the operator, who needs a claim too, may confirm or reject the proposed `verdict`. */
enum review_check review_check_confirm(const struct review *review, const struct operator_id *operator_id,
	enum review_verdict verdict, moment now);

/* Whether the operator may withdraw the proposed `verdict`: it is the operator's own, and nobody else has
 * claimed the review, because a confirmation may be on its way to the provider. */
enum review_check review_check_withdraw(const struct review *review, const struct operator_id *operator_id,
	enum review_verdict verdict, moment now);

struct review_decision {
	enum review_verdict verdict;
	struct str reason;	   /* valid for the verdict */
	struct str sealed_comment; /* empty: none */
	struct operator_id by;
	moment at;
};
/* Notes that a decision is sent to the provider, whose event can arrive before the response: the decision of
 * an open review, or the confirmation of the proposed one by the operator. The claim stays. */
void review_send_decision(struct review *review, enum review_verdict verdict, struct str reason);
void review_send_confirmation(struct review *review, const struct operator_id *operator_id);
/* Returns whether a declined session has a reason that a reviewer chose, and sets `out` to it. A decision
 * that was proposed and not confirmed has none. */
bool review_decline_reason(const struct review *review, enum reason *out);

/* Each of these ends the claim. */
void review_propose(struct review *review, const struct review_decision *decision);
void review_decide(struct review *review, const struct review_decision *decision);
void review_confirm(struct review *review, const struct operator_id *operator_id, moment at);
/* Drops the proposed decision, which was rejected or withdrawn, so that the review is open again. */
void review_reject(struct review *review);
