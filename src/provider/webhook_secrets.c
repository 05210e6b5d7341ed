#include "provider/webhook_secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

/* Freed by its last holder: the owner, or a call that still judges by it. */
struct set {
	size_t holders; /* under the lock */
	struct str texts[PROVIDER_WEBHOOK_SECRETS_MAX];
	size_t n;
};

struct provider_webhook_secrets {
	struct lock lock;
	struct set *now;
};

static void set_free(struct set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		char *const text = (char *)(uintptr_t)set->texts[i].p;

		explicit_bzero(text, set->texts[i].n);
		free(text);
	}
	free(set);
}

static enum err set_fill(struct set *set, const struct str *texts, size_t n)
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

static enum err set_make(const struct str *texts, size_t n, struct set **out)
{
	struct set *set;
	enum err e;

	if (n > PROVIDER_WEBHOOK_SECRETS_MAX)
		return ERR_INPUT;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return ERR_INTERNAL;
	set->holders = 1;
	e = set_fill(set, texts, n);
	if (e == OK)
		*out = set;
	else
		set_free(set);
	return e;
}

static struct set *set_hold(struct provider_webhook_secrets *secrets)
{
	struct set *set;

	lock_acquire(&secrets->lock);
	set = secrets->now;
	set->holders++;
	lock_release(&secrets->lock);
	return set;
}

static void set_let_go(struct provider_webhook_secrets *secrets, struct set *set)
{
	bool last;

	lock_acquire(&secrets->lock);
	last = --set->holders == 0;
	lock_release(&secrets->lock);
	if (last)
		set_free(set);
}

enum err provider_webhook_secrets_open(
	const struct str *texts, size_t n, struct provider_webhook_secrets **out)
{
	struct provider_webhook_secrets *const secrets = calloc(1, sizeof(*secrets));
	enum err e;

	if (secrets == NULL)
		return ERR_INTERNAL;
	e = set_make(texts, n, &secrets->now);
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
	set_let_go(secrets, secrets->now);
	lock_finish(&secrets->lock);
	free(secrets);
}

enum err provider_webhook_secrets_replace(
	struct provider_webhook_secrets *secrets, const struct str *texts, size_t n)
{
	struct set *fresh, *old;

	TRY(set_make(texts, n, &fresh));
	lock_acquire(&secrets->lock);
	old = secrets->now;
	secrets->now = fresh;
	lock_release(&secrets->lock);
	set_let_go(secrets, old);
	return OK;
}

enum signature_scope provider_webhook_secrets_verify(struct provider_webhook_secrets *secrets,
	const struct provider_webhook *webhook, const struct signed_texts *texts)
{
	struct set *const set = set_hold(secrets);
	const enum signature_scope scope = signature_verify(webhook, texts, set->texts, set->n);

	set_let_go(secrets, set);
	return scope;
}
