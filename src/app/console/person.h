/* The data of the console's page of one person of a tenant. Reading it is an audit entry, and so is showing
 * the addresses, which are masked otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/console/operator_notes.h"
#include "app/console/person_code.h"
#include "app/console/reviews.h"
#include "app/console/session_findings.h"
#include "app/operator/access.h"
#include "app/person/people.h"
#include "app/person/person_timeline.h"
#include "app/person/retry_policy.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/effect.h"
#include "domain/tenant.h"
#include "domain/verification_link.h"
#include "port/world.h"

/* The newest ones are shown. */
#define CONSOLE_MESSAGES_MAX 30
#define CONSOLE_LINKS_MAX 20
#define CONSOLE_TIMELINE_MAX 100

/* Names one person of a tenant. */
struct console_person_name {
	struct str tenant; /* its name */
	struct public_user_id id;
};

/* An e-mail to the person. Its row is removed some time after it is finished (docs/operating.md). */
struct console_message {
	enum effect_kind kind;
	enum effect_state state;
	int64_t tries;
	moment created_at, finished_at; /* finished_at 0: it is not finished */
};

struct console_link {
	struct verification_link_id id;
	enum verification_link_state state;
	moment created_at, expires_at, completed_at; /* completed_at 0: not completed */
};

struct console_person {
	enum console_verdict verdict; /* the rest is set if it is CONSOLE_PERMITTED */
	struct tenant tenant;
	struct person_details details; /* email and wallet are masked unless they were asked for */
	bool is_verified;	       /* the person has verified an address to the tenant */
	struct person_code code;       /* unless is_verified */
	/* The following are set only if is_verified. */
	struct kyc_status kyc_status;
	struct retry_check check; /* what `create` would do now */
	int64_t tries_left;

	/* One for each of details.sessions. */
	struct session_findings *findings;
	struct review_summary *reviews;
	struct console_message *messages; /* newest first */
	size_t n_messages;
	struct console_link *links; /* newest first */
	size_t n_links;
	struct console_note *operator_notes; /* newest first */
	size_t n_operator_notes;
	struct timeline_row *timeline; /* newest first */
	size_t n_timeline;
	bool has_older; /* there are older rows of the timeline */
	/* The caller may see all tenants of the tenant's group, so may act on the person. */
	bool has_whole_group;
};

/* Reads the person and writes the audit entry PERSON_VIEWED, or ADDRESS_SHOWN if the addresses are asked for.
 * Returns ERR_NOT_FOUND if the tenant has no person with this id. All results are in the arena, which should
 * allow PEOPLE_MEMORY bytes and is wiped by the caller. */
enum err console_person_load(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_person_name *name, bool with_addresses, struct console_person *out) must_use;

struct console_person_found {
	enum console_verdict verdict; /* the rest is set if it is CONSOLE_PERMITTED */
	struct tenant tenant;
	struct enrolment enrolment; /* it represents the person for the tenant */
	struct linked_users linked; /* empty if no address is verified to the tenant */
	bool has_whole_group;	    /* the caller may see all tenants of the tenant's group */
};
/* Finds the person and decides whether the caller may take the action. Returns ERR_NOT_FOUND if the tenant
 * has no person with this id. */
enum err console_person_find(const struct world *world, struct tx *tx, const struct console_caller *caller,
	enum console_action action, const struct console_person_name *name,
	struct console_person_found *out) must_use;
/* Returns the id of the user whom audit entries about the person name. */
const char *console_person_subject(const struct console_person_found *found);
