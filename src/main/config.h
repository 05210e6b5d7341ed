/* Settings (interface.md 2): default → kycd.conf → environment, by one table. What is wrong is refused with a
 * sentence that names the setting by its environment name and says what is right. Texts live in the program's
 * arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/session.h"

struct config {
	struct str listen, admin_listen, public_url, trusted_proxies, database, secret_key, api_keys, brand,
		language;
	struct str mail_templates, docs_url, smtp_url, mail_from, mail_reply_to, didit_version,
		didit_base_url;
	struct str didit_auth_url, didit_client_id, didit_client_secret, didit_api_key, didit_workflow_id,
		didit_features;
	struct str didit_callback_url, didit_webhook_secret, didit_session_hosts, log;
	int64_t rate_per_minute, rate_per_second, otp_attempts, otp_digits, otp_send_burst, otp_send_per_day;
	int64_t max_connections, max_connections_per_address;
	span otp_ttl, otp_send_every, challenge_ttl, mail_retry, didit_timeout, reconcile_after,
		reconcile_every;
	span keep_events;
	struct tries_rule tries;
	bool allow_weak, dev_open;
	bool dev; /* --dev */
};

/* What a command needs to be set and right. */
enum config_need { NEED_NOTHING, NEED_STORE /* database and master key */, NEED_ALL };

struct config_source {
	const char *file; /* --config; NULL: kycd.conf where there is one */
	bool dev;
	enum config_need need;
	char *const *environment; /* "NAME=value", ends with NULL */
};

struct loaded_config; /* every setting with where it came from */

/* ERR_INPUT with `*why`, a whole line, else OK. Both results live in the arena. */
enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct loaded_config **loaded, struct str *why) must_use;
/* Every setting, its value and where it came from; secrets masked. */
void config_show(const struct loaded_config *loaded, FILE *out, bool json);
/* What is set but of no use, and what is weak: one sentence a line; returns how many. */
size_t config_warnings(const struct config *config, struct loaded_config *loaded, FILE *out);
