#include "mail/smtp_tls_policy.h"

#include "net/host_scope.h"

enum smtp_tls_policy smtp_tls_policy_for(const struct smtp_server *place)
{
	const enum host_scope kind = host_scope_of(place->host);

	if (place->smtps)
		return SMTP_TLS_IMPLICIT;
	if (place->own_ca)
		return SMTP_STARTTLS_REQUIRED;
	if (kind == HOST_SCOPE_LOOPBACK)
		return SMTP_PLAINTEXT;
	if (!place->allow_private || kind == HOST_SCOPE_PUBLIC)
		return SMTP_STARTTLS_REQUIRED;
	return kind == HOST_SCOPE_PRIVATE ? SMTP_STARTTLS_OPPORTUNISTIC : SMTP_STARTTLS_OR_PRIVATE;
}

bool smtp_tls_policy_is_weak(enum smtp_tls_policy policy)
{
	return policy == SMTP_PLAINTEXT || policy == SMTP_STARTTLS_OPPORTUNISTIC;
}
