#include "app/operator/account.h"
#include "main/config/console_place.h"
#include "main/doctor/checks.h"
#include "main/platform/system_clock.h"
#include "net/probe.h"
#include "port/store.h"

#define PAGE 32
#define CALL_LIMIT milliseconds(2500)

struct operator_count {
	size_t can_sign_in, invited;
};

/* Counts the operators of one page of the list. */
static enum err count_page(
	const struct world *world, struct arena *a, struct page page, struct operator_count *out, size_t *n)
{
	struct operator_account rows[PAGE];

	TRY(operator_account_list(world, a, page, rows, n));
	for (size_t i = 0; i < *n; i++) {
		size_t passkeys;

		TRY(operator_account_count_passkeys(world, a, &rows[i], &passkeys));
		if (passkeys > 0 && !operator_account_is_disabled(&rows[i]))
			out->can_sign_in++;
		else if (operator_link_is_open(&rows[i], world_expiry_now(world)))
			out->invited++;
	}
	return OK;
}

static enum err count_operators(const struct world *world, struct operator_count *out)
{
	size_t n = PAGE;

	for (size_t skip = 0; n == PAGE; skip += n) {
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		const enum err e = count_page(world, &a, page_of(skip, PAGE), out, &n);
		arena_finish(&a);
		TRY(e);
	}
	return OK;
}

static void report_operators(struct doctor_ctx *ctx)
{
	struct operator_count count = { 0 };
	struct world world = { .clock = system_clock(), .random = system_random() };

	world.store = doctor_open_current_store(ctx);
	if (!world.store)
		return;
	const enum err e = count_operators(&world, &count);
	world.store->ops->close(world.store);
	if (e != OK)
		doctor_report(ctx, FINDING_ERROR, "the operators cannot be read: run `kycd db check`");
	else if (count.can_sign_in + count.invited == 0)
		doctor_report(ctx, FINDING_WARNING,
			"nobody can use the console: add an operator with `kycd operator add EMAIL --role admin`");
	else
		doctor_report(ctx, FINDING_OK,
			"operators who can sign in: %zu; others with a link to register a passkey: %zu",
			count.can_sign_in, count.invited);
}

static void report_url(struct doctor_ctx *ctx, const char *origin)
{
	const struct str url = arena_printf(&ctx->arena, "%s/console/sign-in", origin);
	struct probe_result probe;
	const enum err e = probe_http(url, ctx->config.allow_weak, CALL_LIMIT, &ctx->arena, &probe);

	if (e == OK && probe.status == 200)
		doctor_report(ctx, FINDING_OK, "KYCD_CONSOLE_URL leads to the console");
	else if (e == OK)
		doctor_report(ctx, FINDING_WARNING,
			"%.*s answers with status %d from here: check that the proxy forwards it to KYCD_CONSOLE_LISTEN, "
			"with the header Host unchanged",
			STR_ARG(url), probe.status);
	else
		doctor_report(ctx, FINDING_WARNING,
			"%.*s cannot be reached from here (%.*s): try it where operators work", STR_ARG(url),
			STR_ARG(probe.error));
}

/* Checks that the console can be used, if there is one. */
void doctor_check_console(struct doctor_ctx *ctx)
{
	char origin[SITE_SIZE];

	if (!console_is_served(&ctx->config) || !console_origin(&ctx->config, origin)) {
		doctor_report(ctx, FINDING_OK, "this server has no console: see docs/console.md");
		return;
	}
	if (ctx->config.dev) {
		doctor_report(ctx, FINDING_OK, "development mode prints a link to the console at its start");
		return;
	}
	report_operators(ctx);
	(void)doctor_report_certificate(ctx, str_of(origin));
	report_url(ctx, origin);
}
