/* A Didit that lives offline, in our own process (interface.md 4): the session API, a hosted page and its own
 * signed webhooks, over made-up people. Answers are made on the caller's thread; events leave on one thread
 * of its own. State is bounded; it is in memory, and on a shelf where one is given. Safe from any thread. */
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
	struct str base_url;  /* as the outside reaches it, without a slash at the end */
	struct str brand;     /* stands on the hosted page */
	int64_t sessions_max; /* 0: 10,000; beyond, the oldest finished one goes */
	int64_t events_max;   /* waiting to be sent; 0: 1,000; beyond, the oldest one goes */
	bool allow_private;   /* webhooks by plain http also to private addresses */
	/* What was changed is there before it is answered; NULL: all of it ends with the program. Stays the
	 * caller's, and outlives the sandbox. Its version is SANDBOX_STATE_VERSION. */
	struct kv_store *kv;
};
/* It rises with every change that an older program would not understand, and when enum section changes its
 * numbers. */
#define SANDBOX_STATE_VERSION 1

/* Texts of the conf are copied. ERR_INPUT for a base URL that is none; ERR_STORAGE: what is on the shelf is
 * not of our making. */
enum err sandbox_open(const struct sandbox_conf *conf, struct sandbox **out) must_use;
/* After sandbox_stop. Accepts NULL. */
void sandbox_close(struct sandbox *sandbox);

/* Starts the thread that sends events; before it they wait in their queue. */
enum err sandbox_start(struct sandbox *sandbox) must_use;
/* Ends slow answers and the thread: at most one delivery's 5 s. What was not sent is dropped with a log line.
 * Accepts one that never started. */
void sandbox_stop(struct sandbox *sandbox);

/* Where events go, in the form of `version` ("v1"): the one destination that the program names at its start,
 * in place of the one it named before. ERR_INPUT: no http(s) URL, no secret, or a version that is not built;
 * ERR_CONFLICT: a call registered that URL; ERR_BUSY: too many. */
enum err sandbox_register(
	struct sandbox *sandbox, struct str url, struct str secret, struct str version) must_use;

/* None: what was named before goes. */
enum err sandbox_unregister(struct sandbox *sandbox) must_use;

/* Answers one request; `path` is what follows the base URL, as it was written, without the query. Besides its
 * body the reply carries Cache-Control and X-Content-Type-Options already. Events that come of it are held
 * until the same thread says sandbox_served. */
void sandbox_serve(struct sandbox *sandbox, const struct request *request, struct str path,
	struct arena *arena, struct reply *reply);
/* The answer has left: what it held may be sent. Nothing to do after calls that held nothing. */
void sandbox_served(struct sandbox *sandbox);

/* Troubles the next `times` events (late, twice, out_of_order, drop, refuse) or calls (error, slow).
 * ERR_INPUT for another word or a number outside 1 to 1,000. */
enum err sandbox_faults_add(struct sandbox *sandbox, struct str what, int64_t times) must_use;
