/* Sends webhook requests with libcurl's multi interface: port/webhook_sender.h. Verifies certificates,
 * follows no redirects, ignores proxy variables of the environment, and connects only to addresses that
 * webhook/destination.h allows. Connections are kept open for a short time and reused. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "port/webhook_sender.h"
#include "port/world.h"
#include "webhook/destination.h"
#include "webhook/resolver.h"

struct curl_sender_conf {
	struct clock *clock;
	struct destination_rules rules;
	struct str ca_file; /* CA certificates that replace the system's; empty: the system's. Copied. */
	/* The members below are for tests. 0 and NULL: the limits of port/webhook_sender.h, look-ups by the
	 * system (see webhook/resolver.h), and no change of addresses. */
	duration connect_limit, limit;
	void (*look_up)(void *arg, const char *host, struct resolved *out);
	void *look_up_arg;
	void (*reroute)(void *arg, struct sockaddr *address); /* see webhook/transfer.h */
	void *reroute_arg;
};

/* curl_global_init() must have been called. */
enum err curl_sender_open(const struct curl_sender_conf *conf, struct webhook_sender **out) must_use;
