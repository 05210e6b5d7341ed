#include "kit/console_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "app/core/sealed_names.h"
#include "crypto/seal.h"

/* Gives the operator the e-mail address "operator@example.com". */
static void seal_email(struct app_fixture *fx, struct operator_account *account)
{
	static const unsigned char nonce[SEAL_NONCE_BYTES];
	const struct seal_place place = { SEALED_OPERATOR_EMAIL, str_of(account->id.text) };

	assert_int_equal(seal_write(&fx->arena, &fx->world.keys->person, &place, nonce,
				 STR("operator@example.com"), &account->sealed_email),
		OK);
}

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
	seal_email(fx, &caller.account);
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
