/* Lists the deliveries of a webhook endpoint (spec/events.md 2): one for each event, newest event first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/webhook/endpoint.h"
#include "domain/webhook_delivery.h"

#define DELIVERY_LIST_MAX 100
/* A page ends early after about this many bytes of JSON, because excerpts of answers can be long. */
#define DELIVERY_LIST_BYTES 32768
/* The limit of the arena of one call: the rows of a page are read with their excerpts of up to 4 KiB. */
#define DELIVERY_LIST_ARENA ((size_t)2 * 1024 * 1024)

struct delivery_filter {
	bool has_state;
	enum delivery_state state;
	bool has_after;
	struct effect_id after; /* only deliveries of older events than that of this one */
	size_t limit;		/* 1 to DELIVERY_LIST_MAX */
};

struct delivery_view {
	struct effect row;
	const char *type;   /* NULL: the event is no longer stored */
	struct str excerpt; /* p is NULL without one */
};

enum delivery_list_verdict { DELIVERY_LIST_READ, DELIVERY_LIST_NO_ENDPOINT, DELIVERY_LIST_UNKNOWN_AFTER };

struct delivery_list {
	enum delivery_list_verdict verdict;
	struct delivery_view *rows;
	size_t n;
	bool has_more;
};

/* `a` is an arena with the limit DELIVERY_LIST_ARENA. */
enum err webhook_delivery_list(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id,
	const struct delivery_filter *filter, struct delivery_list *out) must_use;
