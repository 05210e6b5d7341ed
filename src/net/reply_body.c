#include "net/reply_body.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN ((size_t)16 * 1024)

/* Makes room for `needed` bytes. Does not use realloc, which could leave a copy in freed memory. */
static bool reserve(struct reply_body *body, size_t needed)
{
	size_t room = body->room > 0 ? body->room : CAPACITY_MIN;
	char *bytes;

	while (room < needed)
		room *= 2;
	if (room == body->room)
		return true;
	bytes = malloc(room);
	if (bytes == NULL)
		return false;
	if (body->n > 0)
		memcpy(bytes, body->bytes, body->n);
	if (body->bytes != NULL)
		explicit_bzero(body->bytes, body->room);
	free(body->bytes);
	body->bytes = bytes;
	body->room = room;
	return true;
}

static void keep(void *arg, struct str bytes)
{
	struct reply_body *const body = arg;

	body->no_memory = body->no_memory || !reserve(body, body->n + bytes.n);
	if (body->no_memory)
		return;
	memcpy(body->bytes + body->n, bytes.p, bytes.n);
	body->n += bytes.n;
}

void reply_body_prune(struct reply_body *body, const struct str *keys, size_t n_keys)
{
	json_prune_init(&body->prune, keys, n_keys, keep, body);
	body->is_pruned = true;
}

bool reply_body_add(struct reply_body *body, struct str bytes)
{
	body->received += bytes.n;
	body->too_large = body->too_large || body->received > body->max;
	if (body->too_large)
		return false;
	if (body->is_pruned)
		json_prune_push(&body->prune, bytes);
	else
		keep(body, bytes);
	return !body->no_memory;
}

bool reply_body_end(struct reply_body *body, struct str *out)
{
	if (body->is_pruned)
		json_prune_end(&body->prune);
	*out = (struct str){ body->bytes, body->n };
	return !body->no_memory;
}

void reply_body_finish(struct reply_body *body)
{
	if (body->bytes != NULL)
		explicit_bzero(body->bytes, body->room);
	free(body->bytes);
	if (body->is_pruned)
		explicit_bzero(&body->prune, sizeof(body->prune));
	body->bytes = NULL;
	body->n = body->room = 0;
}
