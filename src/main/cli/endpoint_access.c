#include "main/cli/endpoint_access.h"

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"

#define PAGE 32

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

struct webhook_client operator_webhook_client(void)
{
	return (struct webhook_client){ .scopes = SCOPES_ALL, .actor = &operator_actor };
}

bool endpoint_id_read(struct str text, struct endpoint_id *out)
{
	if (shown_id_read(ENDPOINT_ID_PREFIX, text, out->text))
		return true;
	fprintf(stderr, "kycd: the id of a webhook endpoint begins with we_: see `kycd endpoint list`\n");
	return false;
}

enum exit_code endpoint_refused(const struct webhook_refusal *refusal)
{
	static const char *const sentences[] = {
		[WEBHOOK_NOT_FOUND] = "there is no webhook endpoint with this id: see `kycd endpoint list`",
		[WEBHOOK_LIMIT_REACHED] = "the tenant has 16 webhook endpoints already: remove one first",
		[WEBHOOK_TYPES_UNKNOWN] =
			"--type is unknown: name a type such as kyc.approved, a prefix such as kyc.*, or *",
		[WEBHOOK_IS_DISABLED] = "the webhook endpoint is disabled: see `kycd endpoint enable`",
		[WEBHOOK_EVENT_NOT_FOUND] = "there is no event with this id",
	};

	if (refusal->verdict != WEBHOOK_URL_REFUSED)
		return command_failed(sentences[refusal->verdict], OK);
	/* The explanation repeats nothing of the URL. */
	fprintf(stderr, "kycd: --url is not accepted: %.*s\n", STR_ARG(refusal->url_fault.explanation));
	return EXIT_FAILED;
}

static enum err visit_tenant(
	struct runtime *runtime, const struct tenant *tenant, endpoint_callback *visit, void *arg)
{
	struct webhook_client client = operator_webhook_client();
	struct webhook_endpoint_view *const views = arena_array(
		&runtime->arena, struct webhook_endpoint_view, WEBHOOK_ENDPOINTS_MAX);
	size_t n;

	if (!views)
		return ERR_INTERNAL;
	client.tenant_id = tenant->id;
	TRY(webhook_endpoint_list(&runtime->world, &runtime->arena, &client, views, &n));
	for (size_t i = 0; i < n; i++)
		TRY(visit(arg, &views[i], tenant->name));
	return OK;
}

enum err endpoint_each(struct runtime *runtime, struct str tenant, endpoint_callback *visit, void *arg)
{
	struct tenant rows[PAGE];
	size_t n = PAGE;

	if (tenant.n > 0) {
		TRY(operator_find_tenant(&runtime->world, &runtime->arena, tenant, &rows[0]));
		return visit_tenant(runtime, &rows[0], visit, arg);
	}
	for (size_t skip = 0; n == PAGE; skip += n) {
		TRY(operator_list_tenants(&runtime->world, &runtime->arena, page_of(skip, PAGE), rows, &n));
		for (size_t i = 0; i < n; i++) {
			const struct arena_mark before = arena_mark(&runtime->arena);

			TRY(visit_tenant(runtime, &rows[i], visit, arg));
			arena_rewind(&runtime->arena, before);
		}
	}
	return OK;
}
