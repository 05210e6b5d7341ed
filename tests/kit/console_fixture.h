/* Signed-in operators of the console, for tests of the use cases of app/console. */
#pragma once

#include "app/operator/access.h"
#include "kit/app_fixture.h"

/* Adds an operator with a console session. `tenant` NULL: of all tenants. */
struct console_caller fixture_console_caller(
	struct app_fixture *fx, enum operator_role role, const struct tenant_id *tenant);
/* Stores a step-up that no action has used yet, and sets it in the caller. */
void fixture_step_up(struct app_fixture *fx, struct console_caller *caller);
/* Limits the operator to one more tenant. */
void fixture_add_operator_tenant(
	struct app_fixture *fx, struct console_caller *caller, const struct tenant_id *tenant);
