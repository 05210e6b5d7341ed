/* One webhook request: its options for libcurl, its address check, and its result. Used by curl_sender only,
 * on one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "net/endpoint_url.h"
#include "port/webhook_sender.h"
#include "webhook/destination.h"
#include "webhook/resolver.h"

enum transfer_state {
	TRANSFER_RESOLVING, /* waits for the addresses of the host */
	TRANSFER_RUNNING,   /* `curl` was added to the sender's multi handle */
	TRANSFER_ENDED,	    /* `result` is complete, except for its excerpt */
};

/* Settings that all transfers of a sender share. */
struct transfer_conf {
	struct destination_rules rules;
	const char *ca_file; /* NULL: the system's CA certificates */
	duration connect_limit, limit;
	/* If not NULL, changes an address after it was allowed and before it is connected to. */
	void (*reroute)(void *arg, struct sockaddr *address);
	void *reroute_arg;
};

struct transfer {
	enum transfer_state state;
	uint64_t ticket; /* identifies the transfer; never used again */
	int64_t started; /* ticks */
	const struct transfer_conf *conf;
	char *url_text, *body;
	size_t body_length;
	struct endpoint_url url; /* slices of url_text */
	struct curl_slist *headers;
	CURL *curl;
	/* The addresses of the host that were judged, in a DNS cache that only this transfer uses, so that
	 * libcurl connects to no other ones. */
	struct curl_slist *addresses;
	CURLSH *dns;
	/* Set by the callbacks. */
	bool refused;	      /* the socket of an address was not opened */
	bool is_excerpt_full; /* reading was stopped */
	bool has_long_head;   /* the headers were too long */
	size_t head_bytes;
	size_t excerpt_length;
	char excerpt[WEBHOOK_EXCERPT_MAX];
	struct webhook_transfer_result result;
};

/* Copies the request. Returns NULL if there is no memory. If the URL is malformed, the transfer has ended.
 * `conf` must outlive it. */
struct transfer *transfer_new(const struct webhook_transfer *request, const struct transfer_conf *conf,
	uint64_t ticket, int64_t ticks);
/* The CURL handle must have been removed from its multi handle. */
void transfer_free(struct transfer *transfer);

/* Judges the addresses of the host and prepares the CURL handle, which connects only to them. Returns false
 * if the request must not be sent; it has then ended. */
bool transfer_prepare(struct transfer *transfer, const struct resolved *resolved, int64_t ticks) must_use;
/* Sets the result after libcurl has ended the request with `code`. `now` is the time by the wall clock, for a
 * Retry-After that is a date. */
void transfer_end(struct transfer *transfer, CURLcode code, moment now, int64_t ticks);
/* Ends a request that libcurl did not perform. */
void transfer_fail(struct transfer *transfer, enum webhook_error error, int64_t ticks);
/* Copies the result, with the excerpt in the arena. */
struct webhook_transfer_result transfer_result(const struct transfer *transfer, struct arena *a);
