#include "web/core/routes.h"

#include "api/core/dispatch.h"
#include "app/verification/check.h"
#include "app/verification/result.h"
#include "web/verify/notice.h"

/* VERIFY_ERROR_NONE: the page of the link's step says what follows. */
static const enum verify_error error_of_create[] = {
	[CREATE_OUTCOME_CREATED] = VERIFY_ERROR_NONE,
	[CREATE_OUTCOME_APPROVED] = VERIFY_ERROR_NONE,
	[CREATE_OUTCOME_NOT_PREPARED] = VERIFY_ERROR_UNAVAILABLE,
	[CREATE_OUTCOME_UNVERIFIED] = VERIFY_ERROR_UNAVAILABLE,
	[CREATE_OUTCOME_MISMATCH] = VERIFY_ERROR_UNAVAILABLE,
	[CREATE_OUTCOME_OVER_QUOTA] = VERIFY_ERROR_QUOTA,
	[CREATE_OUTCOME_REFUSED] = VERIFY_ERROR_NONE,
	[CREATE_OUTCOME_FAILED] = VERIFY_ERROR_PROVIDER_DOWN,
	[CREATE_OUTCOME_TIMEOUT] = VERIFY_ERROR_PROVIDER_DOWN,
	[CREATE_OUTCOME_PAUSED] = VERIFY_ERROR_PROVIDER_PAUSED,
};

static struct reply respond_created(const struct verify_request *request, const struct create_result *create)
{
	struct verify_target target = { .error = error_of_create[create->outcome] };

	if (create->outcome == CREATE_OUTCOME_CREATED)
		return verify_redirect_to(request, create->url);
	if (create->outcome == CREATE_OUTCOME_PAUSED)
		target.at = moment_add(
			world_now(request->call->world), seconds(duration_seconds_up(create->wait)));
	return verify_redirect(request, &target);
}

/* Hands the person over to the provider, in the same tab. */
static struct reply handle_check(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_check_params params;
	struct verification_check_result result;
	struct reply refused;

	(void)store; /* the use case opens its own transactions */
	if (!verify_admit(call, &request, &refused))
		return refused;
	params = (struct verification_check_params){ request.visit, language_tags[request.language] };
	const enum err e = verification_link_create_session(
		call->world, call->api->single_flights, call->arena, &params, &result);
	if (e != OK || result.is_closed)
		return verify_redirect_after(&request, e);
	return respond_created(&request, &result.create);
}

/* Leads back to the tenant's page with a token that its back-end redeems. Only a POST makes one. */
static struct reply handle_return(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_return back;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	const enum err e = verification_link_make_result(call->world, call->arena, &request.visit, &back);
	if (e != OK || back.location.n == 0)
		return verify_redirect_after(&request, e);
	return verify_redirect_to(&request, back.location);
}

const struct route verify_check_route = { .entry = { METHOD_POST, "/verify/:token/check" },
	HANDLE_WAITING(handle_check),
	.failure = ANSWER_UNAVAILABLE };
const struct route verify_return_route = { .entry = { METHOD_POST, "/verify/:token/return" },
	HANDLE_WAITING(handle_return),
	.failure = ANSWER_UNAVAILABLE };
