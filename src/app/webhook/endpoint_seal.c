#include "app/webhook/endpoint_seal.h"

#include "app/core/sealed_names.h"
#include "crypto/keys.h"
#include "crypto/seal.h"

static struct seal_place url_place(const struct webhook_endpoint *endpoint)
{
	return (struct seal_place){ SEALED_WEBHOOK_URL, str_of(endpoint->id.text) };
}

static struct seal_place secret_place(const struct webhook_endpoint *endpoint)
{
	return (struct seal_place){ SEALED_WEBHOOK_SECRET, str_of(endpoint->id.text) };
}

static struct seal_place old_secret_place(const struct webhook_endpoint *endpoint)
{
	return (struct seal_place){ SEALED_WEBHOOK_OLD_SECRET, str_of(endpoint->id.text) };
}

static struct seal_place excerpt_place(const struct effect *delivery)
{
	return (struct seal_place){ SEALED_WEBHOOK_EXCERPT, str_of(delivery->id.text) };
}

static enum err seal_text(const struct world *world, struct arena *a, const struct seal_place *place,
	struct str plain, struct str *sealed)
{
	unsigned char nonce[SEAL_NONCE_BYTES];

	TRY(world_random(world, nonce, sizeof(nonce)));
	return seal_write(a, &world->keys->person, place, nonce, plain, sealed);
}

static enum err wrap_secret(const struct world *world, struct arena *a, const struct seal_place *place,
	const struct secret_key *secret, struct str *sealed)
{
	unsigned char nonce[SEAL_NONCE_BYTES], wrapped[WRAPPED_KEY_BYTES];

	TRY(world_random(world, nonce, sizeof(nonce)));
	key_wrap(&world->keys->person, place, nonce, secret, wrapped);
	*sealed = arena_copy(a, (struct str){ (const char *)wrapped, sizeof(wrapped) });
	return sealed->p ? OK : ERR_INTERNAL;
}

enum err webhook_endpoint_seal_url(
	const struct world *world, struct arena *a, struct webhook_endpoint *endpoint, struct str url)
{
	const struct seal_place place = url_place(endpoint);

	return seal_text(world, a, &place, url, &endpoint->sealed_url);
}

enum err webhook_endpoint_new_secret(const struct world *world, struct arena *a,
	struct webhook_endpoint *endpoint, char out[WEBHOOK_SECRET_SIZE])
{
	const struct seal_place place = secret_place(endpoint);
	struct secret_key secret;

	TRY(world_random(world, secret.bytes, sizeof(secret.bytes)));
	const enum err e = wrap_secret(world, a, &place, &secret, &endpoint->sealed_secret);
	if (e == OK)
		webhook_secret_write(&secret, out);
	secure_wipe(&secret, sizeof(secret));
	return e;
}

enum err webhook_endpoint_retire_secret(
	const struct world *world, struct arena *a, struct webhook_endpoint *endpoint, duration overlap)
{
	const struct seal_place from = secret_place(endpoint), to = old_secret_place(endpoint);
	struct secret_key secret;

	endpoint->sealed_old_secret = STR("");
	endpoint->old_secret_expires_at = (moment){ 0 };
	if (overlap.ms == 0)
		return OK;
	TRY(key_unwrap(&world->keys->person, &from, endpoint->sealed_secret, &secret));
	const enum err e = wrap_secret(world, a, &to, &secret, &endpoint->sealed_old_secret);
	secure_wipe(&secret, sizeof(secret));
	endpoint->old_secret_expires_at = moment_add(world_expiry_now(world), overlap);
	return e;
}

enum err webhook_endpoint_url(
	const struct world *world, struct arena *a, const struct webhook_endpoint *endpoint, struct str *out)
{
	const struct seal_place place = url_place(endpoint);

	return seal_read(a, &world->keys->person, &place, endpoint->sealed_url, out);
}

enum err webhook_endpoint_secrets(
	const struct world *world, const struct webhook_endpoint *endpoint, struct webhook_secrets *out)
{
	const struct seal_place place = secret_place(endpoint), old_place = old_secret_place(endpoint);
	const struct secret_key *const key = &world->keys->person;
	enum err e;

	out->n = 1;
	e = key_unwrap(key, &place, endpoint->sealed_secret, &out->keys[0]);
	if (e == OK && webhook_old_secret_signs(endpoint, world_expiry_now(world))) {
		out->n = 2;
		e = key_unwrap(key, &old_place, endpoint->sealed_old_secret, &out->keys[1]);
	}
	if (e != OK)
		secure_wipe(out, sizeof(*out));
	return e;
}

enum err webhook_excerpt_seal(
	const struct world *world, struct arena *a, struct effect *delivery, struct str excerpt)
{
	const struct seal_place place = excerpt_place(delivery);

	delivery->sealed_excerpt = STR("");
	return excerpt.n == 0 ? OK : seal_text(world, a, &place, excerpt, &delivery->sealed_excerpt);
}

enum err webhook_excerpt(
	const struct world *world, struct arena *a, const struct effect *delivery, struct str *out)
{
	const struct seal_place place = excerpt_place(delivery);

	*out = (struct str){ NULL, 0 };
	if (delivery->sealed_excerpt.n == 0)
		return OK;
	return seal_read(a, &world->keys->person, &place, delivery->sealed_excerpt, out);
}
