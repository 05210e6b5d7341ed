/* Interface to the delivery of events over HTTP: sends many POST requests at the same time from one thread.
 * webhook/ implements it. The functions are called by one thread at a time; only `wake` may be called by any
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

/* Requests that may be in flight at the same time. */
#define WEBHOOK_TRANSFERS_MAX 128
/* At most this many bytes of an answer's body are read, and returned as excerpt. */
#define WEBHOOK_EXCERPT_MAX 4096
/* An attempt takes at most this long: the look-up of the name and the connection together, and all of it. */
#define WEBHOOK_CONNECT_LIMIT seconds(5)
#define WEBHOOK_LIMIT seconds(15)

/* Why an attempt got no complete answer, or none that can be a success. The words are values of the API. */
/* clang-format off */
#define WEBHOOK_ERRORS(ERROR)                                                                                            \
	ERROR(NONE,              "")                                                                                    \
	ERROR(URL_REFUSED,       "url_refused")       /* the URL is malformed */                                        \
	ERROR(NAME_NOT_RESOLVED, "name_not_resolved")                                                                   \
	ERROR(ADDRESS_REFUSED,   "address_refused")   /* the name resolves to an address that may not be reached */     \
	ERROR(CONNECT_FAILED,    "connect_failed")                                                                      \
	ERROR(TLS_FAILED,        "tls_failed")        /* no TLS connection, or the certificate is not valid */          \
	ERROR(TIMEOUT,           "timeout")                                                                             \
	ERROR(REDIRECT,          "redirect")          /* 3xx; redirects are not followed */                             \
	ERROR(BAD_RESPONSE,      "bad_response")      /* not HTTP, or ended before it was complete */                   \
	ERROR(INTERNAL,          "internal_error")    /* kycd itself failed, e.g. for lack of memory */

enum webhook_error {
#define ERROR(name, word) WEBHOOK_ERROR_##name,
	WEBHOOK_ERRORS(ERROR)
#undef ERROR
	WEBHOOK_ERROR_COUNT
};
/* clang-format on */

/* Returns the word of the error, a static text; it is empty for WEBHOOK_ERROR_NONE. */
const char *webhook_error_name(enum webhook_error error);

/* One request. The sender copies all texts. */
struct webhook_transfer {
	void *owner;	      /* returned with the result */
	struct str url;	      /* see net/endpoint_url.h */
	struct str id;	      /* header webhook-id */
	int64_t timestamp;    /* header webhook-timestamp */
	struct str signature; /* header webhook-signature (crypto/webhook_signature.h) */
	struct str body;      /* JSON */
};

struct webhook_transfer_result {
	void *owner;
	int http_status; /* 0: not received */
	enum webhook_error error;
	duration took;
	duration retry_after; /* from the header Retry-After; 0: none */
	/* What was read of the body, as UTF-8: other bytes and control characters are replaced with "?". In
	 * the arena of the call. Empty if the server's address is in a listed network, because the answers of
	 * internal services are not for tenants. */
	struct str excerpt;
};

struct webhook_sender {
	const struct webhook_sender_ops *ops;
};
struct ip;

/* Opens senders for single requests, each of which is used by the thread that opened it. Thread-safe. */
struct webhook_connector {
	enum err (*open)(struct webhook_connector *connector, struct webhook_sender **out);
	/* Returns whether a request may be sent to this address, as a sender decides it for each connection.
	 * `is_plain`: by http. */
	bool (*may_reach)(struct webhook_connector *connector, const struct ip *ip, int port, bool is_plain);
};

struct webhook_sender_ops {
	/* Begins a request. Whatever happens to it is the result of a later poll. ERR_BUSY:
	 * WEBHOOK_TRANSFERS_MAX requests are in flight. ERR_INTERNAL: no memory. */
	enum err (*start)(struct webhook_sender *sender, const struct webhook_transfer *transfer);
	/* Waits until requests have ended, `wake` is called, or `limit` is over. Writes at most `max` results
	 * and returns their number. */
	size_t (*poll)(struct webhook_sender *sender, duration limit, struct arena *a,
		struct webhook_transfer_result *results, size_t max);
	/* Ends the present poll, or the next one, at once. Thread-safe. */
	void (*wake)(struct webhook_sender *sender);
	/* Number of requests that were started and whose results poll has not yet returned. */
	size_t (*in_flight)(struct webhook_sender *sender);
	/* Ends all requests. They have no results. */
	void (*abort_all)(struct webhook_sender *sender);
	/* Ends all requests and frees the sender. No other function may be running. */
	void (*close)(struct webhook_sender *sender);
};
