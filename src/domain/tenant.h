/* Who integrates us: a tenant, the group within which a person is one person, and API keys. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

#define TENANT_NAME_SIZE 64
#define DISPLAY_NAME_SIZE 161 /* 40 characters of at most 4 bytes */
#define LANGUAGE_SIZE 36
#define URL_SIZE 513
#define NO_QUOTA (-1)

struct tenant {
	struct tenant_id id;
	char name[TENANT_NAME_SIZE];
	char group_name[TENANT_NAME_SIZE];    /* "@" and the tenant's id when it is alone */
	int64_t monthly_quota;		      /* sessions a month, or NO_QUOTA */
	char display_name[DISPLAY_NAME_SIZE]; /* empty: the brand */
	char language[LANGUAGE_SIZE];	      /* empty: the setting */
	char return_url[URL_SIZE];	      /* empty: our own page */
	moment created_at;
};

struct api_key {
	struct key_id id;
	struct tenant_id tenant_id;
	struct digest digest; /* keyed hash of the whole text */
	char label[65];
	moment created_at, expires_at, revoked_at; /* expires, revoked: 0 is never */
	int64_t rate_per_minute, rate_per_second;  /* 0: the settings' */
};

/* `[a-z0-9][a-z0-9-]{0,62}` (interface.md 3). */
bool tenant_name_is_valid(struct str name);
/* One line of 1 to 40 printable characters, UTF-8, no control or format characters, not blanks alone. */
bool display_name_is_valid(struct str name);
/* Fills group_name for a tenant alone in its group. */
void tenant_set_own_group(struct tenant *t);
bool tenant_has_own_group(const struct tenant *t);

enum key_verdict { KEY_GOOD, KEY_EXPIRED, KEY_REVOKED };
/* Expired from exactly `expires` on; a revoked key is revoked whatever the moment says. */
enum key_verdict key_check(const struct api_key *key, moment now);
