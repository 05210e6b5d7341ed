#include "kit/console_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

struct console_caller fixture_console_caller(
	struct app_fixture *fx, enum operator_role role, const struct tenant_id *tenant)
{
	static unsigned char number;
	unsigned char random[ID_RANDOM_BYTES] = { ++number };
	const moment now = world_expiry_now(&fx->world);
	struct console_caller caller = {
		.account = { .role = role, .created_at = now },
		.session = { .token_digest = { { number } },
			.created_at = now,
			.seen_at = now,
			.expires_at = moment_add(now, CONSOLE_SESSION_LIFE),
			.signed_in_at = now },
	};

	id_make(now, random, caller.account.id.text);
	caller.account.email_index.bytes[0] = caller.account.link_digest.bytes[0] = number;
	caller.session.operator_id = caller.account.id;
	console_actor(&caller.account, STR("test"), &caller.actor);
	if (tenant)
		assert_true(operator_account_add_tenant(&caller.account, tenant));
	fixture_save(fx, RECORD_OPERATOR_ACCOUNT, &caller.account);
	fixture_save(fx, RECORD_CONSOLE_SESSION, &caller.session);
	return caller;
}

void fixture_step_up(struct app_fixture *fx, struct console_caller *caller)
{
	caller->session.step_up_at = world_expiry_now(&fx->world);
	fixture_save(fx, RECORD_CONSOLE_SESSION, &caller->session);
}

void fixture_add_operator_tenant(
	struct app_fixture *fx, struct console_caller *caller, const struct tenant_id *tenant)
{
	assert_true(operator_account_add_tenant(&caller->account, tenant));
	fixture_save(fx, RECORD_OPERATOR_ACCOUNT, &caller->account);
}
