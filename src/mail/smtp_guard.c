#include "mail/smtp_guard.h"

#include "net/address.h"

enum smtp_guard smtp_guard_for(const struct smtp_place *place)
{
	const enum address_kind kind = address_of_host(place->host);

	if (place->smtps)
		return SMTP_TLS_FROM_START;
	if (place->own_ca)
		return SMTP_TLS_DEMANDED;
	if (kind == ADDRESS_LOOPBACK)
		return SMTP_PLAIN;
	if (!place->allow_private || kind == ADDRESS_PUBLIC)
		return SMTP_TLS_DEMANDED;
	return kind == ADDRESS_PRIVATE ? SMTP_TLS_IF_OFFERED : SMTP_TLS_OR_PRIVATE;
}

bool smtp_guard_is_weak(enum smtp_guard guard)
{
	return guard == SMTP_PLAIN || guard == SMTP_TLS_IF_OFFERED;
}
