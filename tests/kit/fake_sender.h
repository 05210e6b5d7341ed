/* A sender of webhook requests for tests: holds each request until the test answers it, or answers all
 * requests to a host at once. It is used by one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/webhook_sender.h"

struct held_request {
	bool is_answered;
	void *owner;
	char url[600], id[64], signature[128], *body;
	int64_t timestamp;
	struct webhook_transfer_result result;
	char excerpt[WEBHOOK_EXCERPT_MAX];
};

#define FAKE_SENDER_HOSTS 16

struct fake_sender {
	struct webhook_sender base;
	size_t n;	/* requests in flight */
	size_t started; /* requests that were ever started */
	size_t most;	/* the largest number of requests in flight */
	struct held_request *held[WEBHOOK_TRANSFERS_MAX];
	/* URLs whose requests are answered at once with this status. */
	struct {
		const char *url;
		int status;
	} answers[FAKE_SENDER_HOSTS];
};

void fake_sender_init(struct fake_sender *sender);
void fake_sender_finish(struct fake_sender *sender);
/* From now on requests to the URL are answered at once; with status 0 they are held. */
void fake_sender_answer_at_once(struct fake_sender *sender, const char *url, int status);
/* Returns the i-th request to the URL that is in flight and not answered, or NULL. */
struct held_request *fake_sender_find(struct fake_sender *sender, const char *url, size_t i);
size_t fake_sender_count(struct fake_sender *sender, const char *url);
/* Answers a held request. */
void fake_sender_answer(struct held_request *request, int status);
