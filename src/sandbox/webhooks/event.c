#include "sandbox/webhooks/event.h"

#include "crypto/digest.h"
#include "text/encode.h"

enum err event_sign(struct arena *a, struct webhook_event *event, const char *header, struct str secret,
	struct str message)
{
	unsigned char mac[DIGEST_BYTES];
	char *const hex = arena_bytes(a, 2 * sizeof(mac) + 1, 1);

	if (!hex)
		return ERR_INTERNAL;
	hmac_sha256(secret, message, mac);
	hex_write(mac, sizeof(mac), hex);
	event->signatures[event->n_signatures++] = (struct event_signature){ header,
		{ hex, 2 * sizeof(mac) } };
	return OK;
}
