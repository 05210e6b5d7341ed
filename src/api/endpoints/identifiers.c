#include "api/endpoints/identifiers.h"

#include "domain/verification.h"

bool read_wallet_param(struct call *call, struct str text, struct wallet *out, struct reply *reply)
{
	const enum wallet_form form = wallet_read(text, out);

	if (form == WALLET_FORM_VALID)
		return true;
	const struct str why = arena_printf(
		call->arena, "wallet is malformed: %.*s", STR_ARG(wallet_form_message(form)));

	*reply = respond_cause(call->arena, ANSWER_INVALID_PARAMETERS, why, wallet_form_name(form),
		wallet_form_message(form));
	return false;
}

bool read_identifiers(struct call *call, struct str email, struct str wallet, struct identifier_pair *out,
	struct reply *reply)
{
	struct wallet read;

	*out = (struct identifier_pair){ .first = identifier_email(email) };
	if (wallet.n == 0)
		return true;
	if (!read_wallet_param(call, wallet, &read, reply))
		return false;
	const struct identifier identifier = identifier_wallet(arena_copy(call->arena, str_of(read.text)));
	if (!identifier.normal.p) {
		*reply = respond_failure(call->arena, ERR_INTERNAL, call->route->failure);
		return false;
	}
	*(email.n > 0 ? &out->second : &out->first) = identifier;
	return true;
}

const char *kyc_status_values(size_t i)
{
	if (i == STATUS_COUNT)
		return NULL;
	return session_status_is_internal((enum session_status)i)
		       ? ""
		       : session_status_api_name((enum session_status)i);
}

const char *session_status_values(size_t i)
{
	if (i == STATUS_COUNT)
		return NULL;
	return session_status_is_internal((enum session_status)i)
		       ? ""
		       : session_status_provider_name((enum session_status)i);
}
