#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "app/console/person_actions.h"
#include "web/console/pages.h"
#include "web/console/person_path.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_person_erase);
DECLARE_TEMPLATE(console_person_erased);

struct session_id_item {
	struct str session_id;
};

static const struct template_value session_id_rows[] = { TEXT_VALUE(struct session_id_item, session_id) };
static const struct template_table session_id_values = TEMPLATE_TABLE(
	struct session_id_item, session_id_rows);

struct erase_values {
	struct str user_id, tenant, url;
	struct str addresses, tenants, codes, claims, messages, sessions, links, operator_notes; /* numbers */
	struct template_list provider_sessions;
	bool is_blocklisted;
};

static const struct template_value erase_value_rows[] = {
	TEXT_VALUE(struct erase_values, user_id),
	TEXT_VALUE(struct erase_values, tenant),
	TEXT_VALUE(struct erase_values, url),
	TEXT_VALUE(struct erase_values, addresses),
	TEXT_VALUE(struct erase_values, tenants),
	TEXT_VALUE(struct erase_values, codes),
	TEXT_VALUE(struct erase_values, claims),
	TEXT_VALUE(struct erase_values, messages),
	TEXT_VALUE(struct erase_values, sessions),
	TEXT_VALUE(struct erase_values, links),
	TEXT_VALUE(struct erase_values, operator_notes),
	LIST_VALUE(struct erase_values, provider_sessions, &session_id_values),
	FLAG_VALUE(struct erase_values, is_blocklisted),
};
const struct page_template console_person_erase_page = { .template = &template_console_person_erase,
	.values = TEMPLATE_TABLE(struct erase_values, erase_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };
const struct page_template console_person_erased_page = { .template = &template_console_person_erased,
	.values = TEMPLATE_TABLE(struct erase_values, erase_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* `refs` has one id in each line. */
static struct template_list session_id_items(struct arena *a, struct str refs, size_t n)
{
	struct session_id_item *const items = arena_array(a, struct session_id_item, n + 1);
	struct str ref;
	size_t i = 0;

	while (items && i < n && str_cut(&refs, '\n', &ref))
		items[i++].session_id = ref;
	return (struct template_list){ items, i };
}

static struct str number(struct arena *a, size_t n)
{
	return arena_printf(a, "%zu", n);
}

static struct reply show(
	const struct console_request *request, const struct console_erasure *erasure, struct arena *a)
{
	const struct erasure *const erased = &erasure->erased;
	const struct erase_values values = { .user_id = console_user_id(a, &erasure->name.id),
		.tenant = erasure->name.tenant,
		.url = person_path(request, &erasure->name),
		.addresses = number(a, erased->addresses),
		.tenants = number(a, erased->tenants),
		.codes = number(a, erased->codes),
		.claims = number(a, erased->claims),
		.messages = number(a, erased->mails),
		.sessions = number(a, erased->sessions),
		.links = number(a, erased->links),
		.operator_notes = number(a, erased->operator_notes),
		.provider_sessions = session_id_items(a, erased->provider_sessions, erased->sessions),
		.is_blocklisted = erased->blocklisted };

	return console_page(request,
		erasure->really ? &console_person_erased_page : &console_person_erase_page, &values, 200);
}

/* Where the step-up leads back to: the page that asks for the confirmation. */
static struct str confirmation_path(
	const struct console_request *request, const struct console_person_name *name)
{
	const struct str path = person_path(request, name);

	return arena_printf(request->call->arena, "%.*s/erase", STR_ARG(path));
}

static struct reply erase(
	const struct console_request *request, struct console_erasure *erasure, struct arena *a)
{
	const enum err e = console_person_erase(request->call->world, a, &request->caller, erasure);

	if (e != OK)
		return console_failed(request, e);
	if (erasure->verdict != CONSOLE_PERMITTED)
		return console_refused(request, erasure->verdict, confirmation_path(request, &erasure->name));
	return show(request, erasure, a);
}

static struct reply answer(struct call *call, bool really)
{
	struct console_erasure erasure = { .really = really };
	struct console_request request;
	struct reply reply;
	struct arena a;

	if (!console_admit(call, &request, &reply))
		return reply;
	if (!person_path_read(&request, &erasure.name))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	arena_init(&a, PEOPLE_MEMORY);
	reply = erase(&request, &erasure, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

static struct reply handle_confirmation(struct call *call, struct store *store)
{
	(void)store; /* the use cases open their own transactions */
	return answer(call, false);
}

/* The response lists what is left to do at the provider, so it is a page and no redirect. */
static struct reply handle_erase(struct call *call, struct store *store)
{
	(void)store;
	return answer(call, true);
}

const struct route console_person_erase_route = { .entry = { METHOD_GET,
							  "/console/people/:tenant/:id/erase" },
	HANDLE_WAITING(handle_confirmation),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_person_erase_form_route = { .entry = { METHOD_POST,
							       "/console/people/:tenant/:id/erase" },
	HANDLE_WAITING(handle_erase),
	.failure = ANSWER_UNAVAILABLE };
