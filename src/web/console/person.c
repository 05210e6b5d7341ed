#include "app/console/person.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "app/console/person_actions.h"
#include "domain/event.h"
#include "web/console/pages.h"
#include "web/console/person_path.h"
#include "web/console/person_values.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/words.h"

bool person_path_read(const struct console_request *request, struct console_person_name *out)
{
	const struct call *const call = request->call;

	out->tenant = call->params[0];
	return shown_id_read(PUBLIC_USER_ID_PREFIX, call->params[1], out->id.text);
}

struct str person_path(const struct console_request *request, const struct console_person_name *name)
{
	struct arena *const a = request->call->arena;
	const struct str tenant = arena_copy(a, name->tenant);

	return tenant.p ? console_person_path(a, tenant.p, &name->id) : tenant;
}

static struct reply show_person(const struct console_request *request, struct arena *a,
	const struct console_person_name *name, bool with_addresses)
{
	struct console_person *const person = arena_new(a, struct console_person);
	struct person_values values;

	if (!person)
		return console_failed(request, ERR_INTERNAL);
	const enum err e = console_person_load(
		request->call->world, a, &request->caller, name, with_addresses, person);
	if (e != OK)
		return console_failed(request, e);
	if (person->verdict != CONSOLE_PERMITTED)
		return console_refused(request, person->verdict, person_path(request, name));
	person_values_fill(a, request, person, with_addresses, &values);
	return console_page(request, &console_person_page, &values, 200);
}

/* The page of a person with many sessions or notes does not fit into the usual memory of a call. */
#define PAGE_MEMORY ((size_t)12 * 1024 * 1024)

/* The person is read in an arena of its own, which is larger than that of the call. */
static struct reply answer_with_person(struct call *call, bool with_addresses)
{
	struct console_request request;
	struct console_person_name name;
	struct reply reply;
	struct arena a;

	if (!console_admit(call, &request, &reply))
		return reply;
	if (!person_path_read(&request, &name))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	if (call->arena->limit < PAGE_MEMORY)
		call->arena->limit = PAGE_MEMORY;
	arena_init(&a, PEOPLE_MEMORY);
	reply = show_person(&request, &a, &name, with_addresses);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

static struct reply handle_person(struct call *call, struct store *store)
{
	(void)store; /* the use cases open their own transactions */
	return answer_with_person(call, false);
}

/* The addresses are in this response only: there is no page to which a redirect could lead. */
static struct reply handle_show(struct call *call, struct store *store)
{
	(void)store;
	return answer_with_person(call, true);
}

static struct reply reset_tries(
	const struct console_request *request, const struct console_person_name *name, struct arena *a)
{
	enum console_verdict verdict;
	struct tries_reset reset;
	const enum err e = console_person_reset_tries(
		request->call->world, a, &request->caller, name, &reset, &verdict);

	if (e != OK)
		return console_failed(request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(request, verdict, person_path(request, name));
	return console_redirect(
		request, person_path(request, name), reset.was_needed ? "try-allowed" : "no-try-used");
}

static struct reply handle_reset_tries(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_person_name name;
	struct reply reply;
	struct arena a;

	(void)store;
	if (!console_admit(call, &request, &reply))
		return reply;
	if (!person_path_read(&request, &name))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	arena_init(&a, PEOPLE_MEMORY);
	reply = reset_tries(&request, &name, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

const struct route console_person_route = { .entry = { METHOD_GET, "/console/people/:tenant/:id" },
	HANDLE_WAITING(handle_person),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_person_show_route = { .entry = { METHOD_POST, "/console/people/:tenant/:id/show" },
	HANDLE_WAITING(handle_show),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_person_reset_tries_route = { .entry = { METHOD_POST,
								"/console/people/:tenant/:id/reset-tries" },
	HANDLE_WAITING(handle_reset_tries),
	.failure = ANSWER_UNAVAILABLE };
