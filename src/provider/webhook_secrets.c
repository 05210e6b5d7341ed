#include "provider/webhook_secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

/* A set of secrets with a reference count. provider_webhook_secrets.current and each running verification
 * hold a reference. */
struct secret_set {
	size_t references; /* guarded by provider_webhook_secrets.lock */
	struct str texts[PROVIDER_WEBHOOK_SECRETS_MAX];
	size_t n;
};

struct provider_webhook_secrets {
	struct lock lock;
	struct secret_set *current;
};

static void secret_set_free(struct secret_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		char *const text = (char *)(uintptr_t)set->texts[i].p;

		explicit_bzero(text, set->texts[i].n);
		free(text);
	}
	free(set);
}

static enum err secret_set_copy(struct secret_set *set, const struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *const copy = texts[i].n > 0 ? malloc(texts[i].n) : NULL;

		if (copy == NULL)
			return texts[i].n > 0 ? ERR_INTERNAL : ERR_INPUT;
		memcpy(copy, texts[i].p, texts[i].n);
		set->texts[set->n++] = (struct str){ copy, texts[i].n };
	}
	return OK;
}

static enum err secret_set_new(const struct str *texts, size_t n, struct secret_set **out)
{
	struct secret_set *set;
	enum err e;

	if (n > PROVIDER_WEBHOOK_SECRETS_MAX)
		return ERR_INPUT;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return ERR_INTERNAL;
	set->references = 1;
	e = secret_set_copy(set, texts, n);
	if (e == OK)
		*out = set;
	else
		secret_set_free(set);
	return e;
}

static struct secret_set *secret_set_acquire(struct provider_webhook_secrets *secrets)
{
	struct secret_set *set;

	lock_acquire(&secrets->lock);
	set = secrets->current;
	set->references++;
	lock_release(&secrets->lock);
	return set;
}

static void secret_set_release(struct provider_webhook_secrets *secrets, struct secret_set *set)
{
	bool last;

	lock_acquire(&secrets->lock);
	last = --set->references == 0;
	lock_release(&secrets->lock);
	if (last)
		secret_set_free(set);
}

enum err provider_webhook_secrets_open(
	const struct str *texts, size_t n, struct provider_webhook_secrets **out)
{
	struct provider_webhook_secrets *const secrets = calloc(1, sizeof(*secrets));
	enum err e;

	if (secrets == NULL)
		return ERR_INTERNAL;
	e = secret_set_new(texts, n, &secrets->current);
	if (e != OK) {
		free(secrets);
		return e;
	}
	lock_init(&secrets->lock);
	*out = secrets;
	return OK;
}

void provider_webhook_secrets_close(struct provider_webhook_secrets *secrets)
{
	if (secrets == NULL)
		return;
	secret_set_release(secrets, secrets->current);
	lock_finish(&secrets->lock);
	free(secrets);
}

enum err provider_webhook_secrets_replace(
	struct provider_webhook_secrets *secrets, const struct str *texts, size_t n)
{
	struct secret_set *fresh, *old;

	TRY(secret_set_new(texts, n, &fresh));
	lock_acquire(&secrets->lock);
	old = secrets->current;
	secrets->current = fresh;
	lock_release(&secrets->lock);
	secret_set_release(secrets, old);
	return OK;
}

enum signature_scope provider_webhook_secrets_verify(struct provider_webhook_secrets *secrets,
	const struct provider_webhook *webhook, const struct signed_texts *texts)
{
	struct secret_set *const set = secret_set_acquire(secrets);
	const enum signature_scope scope = signature_verify(webhook, texts, set->texts, set->n);

	secret_set_release(secrets, set);
	return scope;
}
