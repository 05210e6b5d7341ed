/* Where the console is served, and how operators sign in there. main/daemon builds it at the start. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "app/operator/passkey.h"
#include "base/str.h"

struct console_settings {
	/* `origin` is that of KYCD_CONSOLE_URL, or http://localhost:PORT in development mode. Requests for
	 * another host are refused. */
	struct passkey_site site;
	bool is_https; /* the cookie has the prefix __Host- */
	/* Token of the link with which development mode signs in, and whether it was used; empty: there is no
	 * such link. */
	struct str dev_token;
	atomic_bool *dev_token_is_used;
	bool is_dev; /* a step-up is possible without a passkey */
	/* The settings of the process as text, without secrets. */
	struct str settings_text;
};
