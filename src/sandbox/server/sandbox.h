/* An imitation of Didit's API that runs offline inside kycd (interface.md 4): the session API, a hosted page
 * and signed webhooks, with made-up people. Requests are handled on the caller's thread, and a background
 * thread sends the webhook events. The state is kept in memory and is limited in size; with a kv store it
 * survives restarts. Thread-safe. */
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
	struct str base_url; /* URL at which clients reach the sandbox, without a trailing slash */
	struct str brand;    /* name shown on the hosted page */
	/* Maximum number of sessions; 0 means 10,000. At the limit the oldest finished session is evicted. */
	int64_t sessions_max;
	/* Maximum number of queued webhook events; 0 means 1,000. At the limit the oldest event is
	 * dropped. */
	int64_t events_max;
	bool allow_private; /* webhooks may also use plain HTTP to private addresses */
	/* Store of the state. Changes are committed before the response is returned. NULL: the state is lost
	 * when the program ends. The caller opens the store with SANDBOX_STATE_VERSION, owns it, and closes
	 * it after the sandbox. */
	struct kv_store *kv;
};
/* The version of the stored state. Increase it with every change that an older version of kycd could not
 * read, and whenever the numbers of enum section change. */
#define SANDBOX_STATE_VERSION 1

/* Opens a sandbox. Copies the texts of `conf`. Returns ERR_INPUT if the base URL is invalid, and ERR_STORAGE
 * if the stored state cannot be read. */
enum err sandbox_open(const struct sandbox_conf *conf, struct sandbox **out) must_use;
/* A sandbox that was started must be stopped (sandbox_stop) before it is closed. Accepts NULL. */
void sandbox_close(struct sandbox *sandbox);

/* Starts the thread that sends webhook events. Events that were added earlier have waited in the queue. */
enum err sandbox_start(struct sandbox *sandbox) must_use;
/* Ends delayed responses (FAULT_SLOW), and stops the thread after the delivery in progress, which takes at
 * most 5 s, or 10 s with FAULT_TWICE. If events are still queued, writes a log line: with a kv store they are
 * sent after a restart, otherwise they are lost. Accepts a sandbox that was never started. */
void sandbox_stop(struct sandbox *sandbox);

/* Sets the webhook destination that is configured when the program starts. It replaces the destination that
 * an earlier start has configured. `version` is the format of its events, such as "v1". Returns ERR_INPUT for
 * an invalid URL, an empty secret or an unknown version, ERR_CONFLICT if an API call has registered this URL,
 * ERR_BUSY if there are too many destinations, and other errors if the state cannot be stored. */
enum err sandbox_register(
	struct sandbox *sandbox, struct str url, struct str secret, struct str version) must_use;

/* Removes the destination that an earlier start has configured, if any. Returns an error if the state cannot
 * be stored. */
enum err sandbox_unregister(struct sandbox *sandbox) must_use;

/* Handles one request and fills `reply`, including the headers Cache-Control and X-Content-Type-Options.
 * `path` is the part of the request's path after the base URL, not decoded and without the query. Events that
 * the request causes are held until the same thread calls sandbox_served. */
void sandbox_serve(struct sandbox *sandbox, const struct request *request, struct str path,
	struct arena *arena, struct reply *reply);
/* Releases the events that the request has caused, if any. Must be called after the response was sent. */
void sandbox_served(struct sandbox *sandbox);

/* Injects a fault into the next `times` events (late, twice, out_of_order, drop, refuse) or API calls (error,
 * slow), see sandbox/state/faults.h. Returns ERR_INPUT if the fault is unknown or `times` is not in the range
 * 1 to 1,000. */
enum err sandbox_faults_add(struct sandbox *sandbox, struct str what, int64_t times) must_use;
