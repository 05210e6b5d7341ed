/* What the commands of webhook endpoints and events share. */
#pragma once

#include <stdbool.h>

#include "app/webhook/endpoint.h"
#include "main/cli/command.h"

/* The operator, for whom all endpoints exist. */
struct webhook_client operator_webhook_client(void);
/* Reads an id such as we_01…; prints an error and returns false if the text is none. */
bool endpoint_id_read(struct str text, struct endpoint_id *out);
/* Prints why a call was refused. Returns EXIT_FAILED. */
enum exit_code endpoint_refused(const struct webhook_refusal *refusal);
/* Calls `visit` for each endpoint of a tenant, or of all tenants if the name is empty, until it returns a
 * failure. ERR_NOT_FOUND: there is no such tenant. */
typedef enum err endpoint_callback(
	void *arg, const struct webhook_endpoint_view *endpoint, const char *tenant_name);
enum err endpoint_each(
	struct runtime *runtime, struct str tenant, endpoint_callback *visit, void *arg) must_use;
