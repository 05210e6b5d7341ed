/* Events: what integrators are told (spec/events.md 1). An event is a row that is written in the transaction
 * of the change that it reports, and it never changes except when its person is erased. Pure.
 *
 * Positions: the order in which events became visible, which the feed and the deliveries follow. A store
 * with several writers stores an event without a position (0). Later, a transaction that sees it committed
 * gives it the next position (app/event/numbering). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/overall_status.h"

/* clang-format off */
/* Columns: identifier, name. The database stores the number of a type, which follows from its position in
 * this list: add new types at the end and never remove one. */
#define EVENT_TYPES(TYPE)                                          \
	TYPE(USER_PREPARED, "user.prepared")                       \
	TYPE(USER_EMAIL_VERIFIED, "user.email_verified")           \
	TYPE(USER_WALLET_VERIFIED, "user.wallet_verified")         \
	TYPE(USER_LINKED, "user.linked")                           \
	TYPE(SESSION_CREATED, "session.created")                   \
	TYPE(SESSION_UPDATED, "session.updated")                   \
	TYPE(KYC_UPDATED, "kyc.updated")                           \
	TYPE(KYC_APPROVED, "kyc.approved")                         \
	TYPE(KYC_DECLINED, "kyc.declined")                         \
	TYPE(KYC_IN_REVIEW, "kyc.in_review")                       \
	TYPE(KYC_EXPIRED, "kyc.expired")                           \
	TYPE(EMAIL_FAILED, "email.failed")                         \
	TYPE(QUOTA_THRESHOLD_REACHED, "quota.threshold_reached")   \
	TYPE(USER_ERASED, "user.erased")                           \
	TYPE(WEBHOOK_ENDPOINT_DISABLED, "webhook_endpoint.disabled")
/* clang-format on */

enum event_type {
	EVENT_NONE, /* not a type */
#define TYPE(id, name) EVENT_##id,
	EVENT_TYPES(TYPE)
#undef TYPE
		EVENT_TYPE_COUNT
};

/* A set of types as bits. */
typedef uint32_t event_type_set;
#define EVENT_TYPE_BIT(type) ((event_type_set)1 << (type))
#define EVENT_TYPES_ALL ((EVENT_TYPE_BIT(EVENT_TYPE_COUNT) - 1) & ~EVENT_TYPE_BIT(EVENT_NONE))

/* Size of event.uncounted: four hexadecimal numbers, separated by dots. */
#define EVENT_UNCOUNTED_SIZE 25

struct event {
	struct event_id id;
	struct tenant_id tenant_id;
	struct user_id user_id; /* whose key seals the data; empty: no person, or the person was erased */
	struct public_user_id public_user_id; /* empty: the event is about no person */
	enum event_type type;
	char detail[33];  /* a fixed word: the channel of user.prepared; otherwise empty */
	int64_t sequence; /* per person and tenant; without a person, the time in milliseconds (not shown) */
	int64_t position; /* 0: not numbered yet */
	bool erased;	  /* the person was erased: the data is gone */
	/* What the event adds to the daily counts (struct count_facts), until it is numbered; then empty. */
	char uncounted[EVENT_UNCOUNTED_SIZE];
	/* The members of `data` that are not in columns, as a JSON object; empty: there are none. Sealed with
	 * the person's key. Without a user_id, sealed with a key of the database. */
	struct str sealed_data;
	moment created_at;
};

/* Returns the name of a type other than EVENT_NONE. */
const char *event_type_name(enum event_type type);
/* Returns the type that reports the same change as EVENT_KYC_UPDATED with this status, or EVENT_NONE for
 * OVERALL_PENDING. */
enum event_type event_type_of_status(enum overall_status status);

/* Types as callers name them: each word is a type, a prefix that ends in `.*`, or `*` for all types. */
#define EVENT_TYPE_WORDS_MAX 16
/* Adds the types that a word names. Returns false if the word names no type; then nothing is added. */
bool event_types_add(struct str word, event_type_set *set);
/* Reads words separated by commas. Returns false for an empty list, an empty word, an unknown word or more
 * than EVENT_TYPE_WORDS_MAX words. */
bool event_types_parse(struct str words, event_type_set *out);
/* Returns the first of these words that names no type; empty: there is none. */
struct str event_types_unknown(struct str words);
static inline bool event_types_have(event_type_set set, enum event_type type)
{
	return (set & EVENT_TYPE_BIT(type)) != 0;
}

/* The next sequence of a person: the last one plus 1, or the time in milliseconds if that is larger. */
int64_t event_next_sequence(int64_t last, moment now);

/* The texts that the API shows: a prefix and the id. */
#define SHOWN_ID_SIZE (4 + ID_SIZE)
#define EVENT_ID_PREFIX "evt_"
#define PUBLIC_USER_ID_PREFIX "usr_"
#define ENDPOINT_ID_PREFIX "we_"
#define VERIFICATION_LINK_ID_PREFIX "vl_"
#define OPERATOR_ID_PREFIX "op_"
/* Writes `prefix` (one of the above) and the id. */
void shown_id_write(const char *prefix, const char id[ID_SIZE], char out[SHOWN_ID_SIZE]);
/* Reads such a text. Returns false if the prefix is another one or the rest is no valid id. */
bool shown_id_read(const char *prefix, struct str text, char out[ID_SIZE]);
