/* The values of all settings, converted to their types (interface.md 2). Texts live in the arena that
 * config_load received. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/session.h"

struct config {
	struct str console_listen; /* empty: no console */
	struct str console_url;	   /* an origin in its normal form (domain/site); empty: none */
	struct str listen, admin_listen, public_url, trusted_proxies, database, secret_key, api_keys, brand,
		language;
	struct str mail_templates, docs_url, webhook_allowed_networks, smtp_url, mail_from, mail_reply_to,
		didit_version, didit_base_url;
	struct str didit_auth_url, didit_client_id, didit_client_secret, didit_api_key, didit_workflow_id,
		didit_features;
	struct str didit_callback_url, didit_webhook_secret, didit_session_hosts, log, log_format;
	int64_t rate_per_minute, rate_per_second, otp_attempts, otp_digits, otp_send_burst, otp_send_per_day;
	int64_t max_connections, max_connections_per_address, database_connections;
	duration otp_ttl, otp_send_every, challenge_ttl, mail_retry, didit_timeout, reconcile_after,
		reconcile_every;
	duration keep_events, keep_outgoing_events;
	struct tries_rule tries;
	bool allow_weak, dev_open, docs;
	bool dev; /* --dev */
};
