/* The sealed values of webhook endpoints and their deliveries: URL, secrets and excerpts of answers. They are
 * sealed with a key of the database, because they belong to a tenant and not to a person. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/webhook_signature.h"
#include "domain/effect.h"
#include "domain/webhook_endpoint.h"
#include "port/world.h"

/* Set a sealed value of an endpoint whose id is set. The sealed bytes are in the arena. */
enum err webhook_endpoint_seal_url(const struct world *world, struct arena *a,
	struct webhook_endpoint *endpoint, struct str url) must_use;
/* Creates a secret. `out` is the text for the endpoint's owner, which the caller wipes. */
enum err webhook_endpoint_new_secret(const struct world *world, struct arena *a,
	struct webhook_endpoint *endpoint, char out[WEBHOOK_SECRET_SIZE]) must_use;
/* Makes the present secret the old one, which signs too for the overlap. */
enum err webhook_endpoint_retire_secret(const struct world *world, struct arena *a,
	struct webhook_endpoint *endpoint, duration overlap) must_use;

/* Opens the URL. */
enum err webhook_endpoint_url(const struct world *world, struct arena *a,
	const struct webhook_endpoint *endpoint, struct str *out) must_use;

/* The secrets that sign at present, the newest first. */
struct webhook_secrets {
	struct secret_key keys[WEBHOOK_SECRETS_MAX];
	size_t n;
};
/* The caller wipes `out`. */
enum err webhook_endpoint_secrets(const struct world *world, const struct webhook_endpoint *endpoint,
	struct webhook_secrets *out) must_use;

/* Seals the excerpt of an answer into a delivery whose id is set; an empty excerpt is not sealed. */
enum err webhook_excerpt_seal(
	const struct world *world, struct arena *a, struct effect *delivery, struct str excerpt) must_use;
/* Opens the excerpt; without one, `out->p` is NULL. */
enum err webhook_excerpt(
	const struct world *world, struct arena *a, const struct effect *delivery, struct str *out) must_use;
