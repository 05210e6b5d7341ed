/* Users, addresses and enrolments. A user belongs to one group of tenants and is found by the blind index of
 * an address (e-mail or wallet). An enrolment records that an address was verified for one tenant.
 *
 * Every address starts as a user of its own. When the link between a wallet and an e-mail address is
 * confirmed, their users become linked users, which are treated as one person (app/person/linked_users). The
 * wallet's user is the primary user, and the users of the e-mail addresses are linked to it. Each user keeps
 * its own rows and key. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/overall_status.h"
#include "domain/tenant.h"

/* The largest number of addresses of one person: a wallet and the e-mail addresses linked to it. */
#define ADDRESSES_MAX 16
#define LINKED_USER_IDS_SIZE ((ADDRESSES_MAX - 1) * ID_LENGTH + 1)

struct user {
	struct user_id id;
	char group_name[TENANT_NAME_SIZE];
	struct str wrapped_key; /* the data key of the user, wrapped; deleting it erases the user's data */
	char language[LANGUAGE_SIZE]; /* the language last requested; empty: none was requested */
	moment created_at;
	moment tries_reset_at; /* sessions before this moment do not count as tries (`kycd user reset-tries`);
				  0: never reset */
	moment send_tat;       /* when the bucket for sending codes is full again (domain/limit.h) */
	/* Since this moment the provider may have a session that is not in the database; 0: not suspected. */
	moment orphan_suspected_at;
	/* For a primary user, the ids of the users linked to it, concatenated without separator. */
	char linked_user_ids[LINKED_USER_IDS_SIZE];
	/* Like send_tat, for link codes. These have a bucket of their own because the owner of another
	 * address (the wallet) requests them. */
	moment link_send_tat;
	struct digest blind_index; /* of the user's only address */
	/* Like send_tat, for e-mails with a verification link, which tenants request. */
	moment verification_link_send_tat;
};

/* Returns whether the user was erased. An erased user has no personal data left, only the id that sessions
 * and audit entries refer to. It cannot be found by an address, and later provider events change nothing. */
static inline bool user_is_erased(const struct user *u)
{
	return u->wrapped_key.n == 0;
}
static inline void user_erase(struct user *u)
{
	u->wrapped_key = STR("");
	u->language[0] = u->linked_user_ids[0] = '\0';
	u->blind_index = (struct digest){ { 0 } };
	u->tries_reset_at = u->send_tat = u->link_send_tat = u->verification_link_send_tat =
		u->orphan_suspected_at = (moment){ 0 };
}

enum address_kind { ADDRESS_EMAIL = 1, ADDRESS_WALLET = 2 };

/* Returns the name of the kind. It is part of the blind index's hash, so it must not be changed. It is also
 * used in audit entries and output. */
static inline const char *address_kind_name(enum address_kind kind)
{
	return kind == ADDRESS_WALLET ? "wallet" : "email";
}

struct address {
	struct digest blind_index; /* keyed hash of group, kind and canonical form */
	enum address_kind kind;
	struct user_id user_id;
	struct str sealed_address; /* the canonical form, sealed with the user's key */
	moment created_at;
	struct user_id primary_user_id; /* the primary user that user_id is linked to; empty: not linked */
};

/* One tenant's registration of one address. It records when the address was prepared, and when it was
 * verified for this tenant. */
struct enrolment {
	struct tenant_id tenant_id;
	struct user_id user_id;
	struct digest blind_index; /* of the address */
	moment prepared_at;
	moment verified_at;	       /* 0: not verified */
	struct effect_id last_mail_id; /* the e-mail with the last code for the address; empty: none */
	/* What the tenant is told about the person. If a person has several enrolments of one tenant, the
	 * enrolment of the person's first verified user counts (app/event/tenant_person). */
	struct public_user_id public_user_id;
	struct str sealed_reference; /* the tenant's own id of the person, sealed; empty: none */
	char reference_index[65]; /* keyed hash of tenant and reference as hexadecimal digits; empty: none */
	enum overall_status overall_status; /* as the last event reported it; pending before the first */
	int64_t event_sequence;		    /* of the last event; 0: none */
	moment updated_at;		    /* when the last event was written */
	bool merged; /* the person is known to the tenant by another enrolment since a link (user.linked) */
};

static inline bool enrolment_is_verified(const struct enrolment *e)
{
	return !moment_is_unset(e->verified_at);
}
