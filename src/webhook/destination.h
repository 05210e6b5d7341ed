/* Decides which addresses a webhook request may be sent to (spec/events.md 2). Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/ip.h"

struct sockaddr;

/* A listening socket of this program. An unspecified address (0.0.0.0 or ::) stands for every address of this
 * machine. */
struct webhook_listener {
	struct ip ip;
	int port;
};

#define WEBHOOK_LISTENERS_MAX 16

struct destination_rules {
	struct ip_nets listed; /* networks that may be reached though they are not global */
	bool allow_plain;      /* http is allowed to listed networks */
	struct webhook_listener own[WEBHOOK_LISTENERS_MAX];
	size_t n_own;
};

/* Returns whether a request may be sent to this address. `is_plain`: by http. */
bool destination_is_allowed(
	const struct destination_rules *rules, const struct ip *ip, int port, bool is_plain);
/* Like destination_is_allowed(), for a socket address. */
bool destination_sockaddr_is_allowed(
	const struct destination_rules *rules, const struct sockaddr *address, bool is_plain);
