#include "mail/smtp_tls_policy.h"

#include "net/host_scope.h"

enum smtp_tls_policy smtp_tls_policy_for(const struct smtp_server *server)
{
	const enum host_scope scope = host_scope_of(server->host);

	if (server->smtps)
		return SMTP_TLS_IMPLICIT;
	if (server->own_ca)
		return SMTP_STARTTLS_REQUIRED;
	if (scope == HOST_SCOPE_LOOPBACK)
		return SMTP_PLAINTEXT;
	if (!server->allow_private || scope == HOST_SCOPE_PUBLIC)
		return SMTP_STARTTLS_REQUIRED;
	return scope == HOST_SCOPE_PRIVATE ? SMTP_STARTTLS_OPPORTUNISTIC : SMTP_STARTTLS_OR_PRIVATE;
}

bool smtp_tls_policy_is_weak(enum smtp_tls_policy policy)
{
	return policy == SMTP_PLAINTEXT || policy == SMTP_STARTTLS_OPPORTUNISTIC;
}
