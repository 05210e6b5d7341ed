/* Tenants, their groups, and API keys. A tenant is an organisation that integrates kycd. The tenants of one
 * group share their users: within a group, one address always belongs to the same user. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/scope.h"
#include "domain/site.h"

#define TENANT_NAME_SIZE 64
#define DISPLAY_NAME_SIZE 161 /* room for 40 characters of at most 4 bytes and the final NUL */
#define LANGUAGE_SIZE 36
#define URL_SIZE 513 /* room for URL_TEXT_MAX bytes (net/url_check.h) and the final NUL */
#define NO_QUOTA (-1)
#define ALLOW_FROM_MAX 10   /* networks of one key */
#define ALLOW_FROM_SIZE 448 /* room for ALLOW_FROM_MAX networks with their commas, and the final NUL */

struct tenant {
	struct tenant_id id;
	char name[TENANT_NAME_SIZE];
	char group_name[TENANT_NAME_SIZE]; /* for a tenant without a shared group, "@" and the tenant's id */
	int64_t monthly_quota;		   /* number of sessions per month, or NO_QUOTA */
	char display_name[DISPLAY_NAME_SIZE]; /* empty: KYCD_BRAND */
	char language[LANGUAGE_SIZE];	      /* empty: KYCD_LANGUAGE */
	char return_url[URL_SIZE];	      /* empty: kycd's own page */
	char site[SITE_SIZE];		      /* in the normal form of domain/site; empty: none */
	moment created_at;
	moment disabled_at; /* since when the keys of the tenant are refused; 0: they are not */
	bool four_eyes;	    /* a second operator confirms each decision of a review */
};

struct api_key {
	struct key_id id;
	struct tenant_id tenant_id;
	struct digest digest; /* keyed hash of the key's whole text */
	char label[65];
	moment created_at, expires_at, revoked_at; /* for expires_at and revoked_at, 0 means never */
	int64_t rate_per_minute, rate_per_second;  /* 0: the value of the settings */
	moment last_used_at;			   /* beginning of the minute; 0: never */
	scope_set scopes;
	/* Networks separated by commas, from which the key may be used; empty: from everywhere. */
	char allow_from[ALLOW_FROM_SIZE];
};

/* Returns whether the name matches `[a-z0-9][a-z0-9-]{0,62}` (interface.md 3). Also used for group names. */
bool tenant_name_is_valid(struct str name);
/* Returns whether the name is one line of 1 to 40 characters in UTF-8, without control or format characters
 * and with at least one visible character. */
bool display_name_is_valid(struct str name);
/* Sets group_name to a group that contains only this tenant. */
void tenant_set_own_group(struct tenant *t);
bool tenant_has_own_group(const struct tenant *t);

/* Returns whether the tenant is disabled, so that its keys are refused. */
bool tenant_is_disabled(const struct tenant *t);

enum key_verdict { KEY_VALID, KEY_EXPIRED, KEY_REVOKED };
/* A key is expired from exactly expires_at on. It is revoked as soon as revoked_at is set, even to a later
 * moment. */
enum key_verdict key_check(const struct api_key *key, moment now);
