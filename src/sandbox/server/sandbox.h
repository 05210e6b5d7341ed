/* An imitation of Didit's API that runs offline inside kycd (interface.md 4): the session API, a hosted page
 * and signed webhooks, with made-up people. Requests are handled on the caller's thread; one background
 * thread sends the webhook events. The state is bounded and kept in memory; with a kv store it survives
 * restarts. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/message.h"
#include "port/kv_store.h"
#include "port/world.h"

struct sandbox;

struct sandbox_conf {
	struct clock *clock;
	struct random *random;
	struct str base_url;  /* URL under which clients reach the sandbox, without a trailing slash */
	struct str brand;     /* name shown on the hosted page */
	int64_t sessions_max; /* 0: 10,000; at the limit the oldest finished session is evicted */
	int64_t events_max;   /* queued webhook events; 0: 1,000; at the limit the oldest is dropped */
	bool allow_private;   /* webhooks may use plain HTTP to private addresses, too */
	/* Stores the state. Changes are committed before the response is returned. NULL: the state is lost
	 * when the program ends. The caller owns it, opens it with SANDBOX_STATE_VERSION and closes it after
	 * the sandbox. */
	struct kv_store *kv;
};
/* The version of the stored state. Increase it with every change that an older version of kycd could not
 * read, and when the numbers of enum section change. */
#define SANDBOX_STATE_VERSION 1

/* Copies the texts of `conf`. ERR_INPUT: the base URL is invalid; ERR_STORAGE: the stored state cannot be
 * read. */
enum err sandbox_open(const struct sandbox_conf *conf, struct sandbox **out) must_use;
/* A sandbox that was started must be stopped first (sandbox_stop). Accepts NULL. */
void sandbox_close(struct sandbox *sandbox);

/* Starts the thread that sends webhook events. Events added before wait in the queue. */
enum err sandbox_start(struct sandbox *sandbox) must_use;
/* Ends delayed responses (FAULT_SLOW) and stops the thread after the delivery in progress: at most 5 s, or
 * 10 s with FAULT_TWICE. Writes a log line if events are still queued: with a kv store they are sent after a
 * restart, else they are lost. Accepts a sandbox that was never started. */
void sandbox_stop(struct sandbox *sandbox);

/* Sets the webhook destination that is configured when the program starts; `version` is the format of its
 * events, such as "v1". It replaces the one that an earlier start configured. ERR_INPUT: invalid URL, empty
 * secret or unknown version; ERR_CONFLICT: an API call registered that URL; ERR_BUSY: too many destinations;
 * other errors: the state could not be stored. */
enum err sandbox_register(
	struct sandbox *sandbox, struct str url, struct str secret, struct str version) must_use;

/* Removes the destination that an earlier start configured, if any. Errors: the state could not be stored. */
enum err sandbox_unregister(struct sandbox *sandbox) must_use;

/* Handles one request and fills `reply`, including the headers Cache-Control and X-Content-Type-Options.
 * `path` is the request's path after the base URL, not decoded, without the query. Events that the request
 * causes are held until the same thread calls sandbox_served. */
void sandbox_serve(struct sandbox *sandbox, const struct request *request, struct str path,
	struct arena *arena, struct reply *reply);
/* To be called when the response has been sent: releases the events that the request caused, if any. */
void sandbox_served(struct sandbox *sandbox);

/* Injects a fault into the next `times` events (late, twice, out_of_order, drop, refuse) or API calls (error,
 * slow), see sandbox/state/faults.h. ERR_INPUT: unknown fault, or `times` outside 1 to 1,000. */
enum err sandbox_faults_add(struct sandbox *sandbox, struct str what, int64_t times) must_use;
