/* The page that shows the one-time link of an operator, once. */
#pragma once

#include "domain/operator_account.h"
#include "web/console/request.h"

struct reply operator_link_show(
	const struct console_request *request, const struct operator_account *account, struct str token);
