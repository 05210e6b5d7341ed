/* A person: one record per group of tenants, found by the blind index of an address. What a person proved,
 * they proved to one tenant: that is an enrolment. Each address begins as a user of its own; where the link
 * of a wallet with e-mails was confirmed, several users are one person (app/person/linked_users): the
 * wallet's, who is the head, and the e-mails', its members. Each keeps its own rows and its own key. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/tenant.h"

/* A person has at most so many addresses: a wallet and the e-mails joined to it. */
#define ADDRESSES_MAX 16
#define LINKED_USER_IDS_SIZE ((ADDRESSES_MAX - 1) * ID_LENGTH + 1)

struct user {
	struct user_id id;
	char group_name[TENANT_NAME_SIZE];
	struct str wrapped_key;	      /* the person's data key, wrapped; destroying it erases the person */
	char language[LANGUAGE_SIZE]; /* as last asked for, empty when never */
	moment created_at;
	moment tries_reset_at;	    /* declines before this do not count (`user allow`); 0: never */
	moment send_tat;	    /* when the sending bucket is full again (domain/limit.h) */
	moment orphan_suspected_at; /* since then the provider may have a session that we do not know of; 0:
				       no */
	char linked_user_ids[LINKED_USER_IDS_SIZE]; /* of a head: the ids of its members, one behind the other
						     */
	moment link_send_tat; /* as send_full, for codes that others ask for: those that would join it to a
			       * wallet
			       */
	struct digest blind_index; /* blind, of the one address that they have */
};

/* Nothing personal is left of them but an id that sessions and the trail name. Nobody finds this row by an
 * address; what comes late for it changes nothing. */
static inline bool user_is_erased(const struct user *u)
{
	return u->wrapped_key.n == 0;
}
static inline void user_erase(struct user *u)
{
	u->wrapped_key = STR("");
	u->language[0] = u->linked_user_ids[0] = '\0';
	u->blind_index = (struct digest){ { 0 } };
	u->tries_reset_at = u->send_tat = u->link_send_tat = u->orphan_suspected_at = (moment){ 0 };
}

enum address_kind { ADDRESS_EMAIL = 1, ADDRESS_WALLET = 2 };

/* For the blind index, the trail and operators. */
static inline const char *address_kind_name(enum address_kind kind)
{
	return kind == ADDRESS_WALLET ? "wallet" : "email";
}

struct address {
	struct digest blind_index; /* keyed hash of group, kind and normal form */
	enum address_kind kind;
	struct user_id user_id;
	struct str sealed_address; /* the normal form under the user's key */
	moment created_at;
	struct user_id primary_user_id; /* the head, where its user is a member; empty: none */
};

/* One tenant's registration of one address: `prepare`, and the proof given to this tenant. */
struct enrolment {
	struct tenant_id tenant_id;
	struct user_id user_id;
	struct digest blind_index; /* of the address */
	moment prepared_at;
	moment verified_at;	       /* 0: not yet */
	struct effect_id last_mail_id; /* the last code sent for it; empty: none */
};

static inline bool enrolment_is_verified(const struct enrolment *e)
{
	return !moment_is_unset(e->verified_at);
}
