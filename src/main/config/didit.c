#include "main/config/didit.h"

#include <ctype.h>

bool didit_takes_tokens(const struct config *config)
{
	return str_eq(config->didit_version, STR("v1"));
}

void didit_derive_version(struct config *config, struct raw_config *raw)
{
	struct raw_value *const version = config_value(raw, "DIDIT_VERSION");

	if (version->origin != ORIGIN_DEFAULT || config->didit_client_id.n == 0 ||
		config->didit_api_key.n > 0)
		return;
	config->didit_version = STR("v1");
	version->text = config->didit_version;
}

enum err didit_derive_sandbox(struct config *config, struct raw_config *raw, struct arena *a)
{
	const struct str own = config_own_url(a, config->listen);
	const struct str base = arena_printf(a, "%.*s" SANDBOX_MOUNT, STR_ARG(own));
	struct raw_value *const workflow = config_value(raw, "DIDIT_WORKFLOW_ID");

	if (!own.p || !base.p)
		return ERR_INPUT;
	config->didit_base_url = base;
	config->didit_auth_url = base;
	config->didit_client_id = STR("sandbox");
	config->didit_client_secret = STR("sandbox");
	config->didit_api_key = STR("sandbox");
	*config_value(raw, "DIDIT_BASE_URL") = (struct raw_value){ .text = base, .origin = ORIGIN_DEV };
	*config_value(raw, "DIDIT_AUTH_URL") = (struct raw_value){ .text = base, .origin = ORIGIN_DEV };
	config_value(raw, "DIDIT_API_KEY")->text = config->didit_api_key;
	if (workflow->origin == ORIGIN_DEFAULT)
		*workflow = (struct raw_value){ .text = STR(SANDBOX_WORKFLOW), .origin = ORIGIN_DEV };
	config->didit_workflow_id = workflow->text;
	return OK;
}

struct str didit_checks(const struct config *config)
{
	return didit_takes_tokens(config) ? config->didit_features : config->didit_workflow_id;
}

bool didit_client_id_missing(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return didit_takes_tokens(config) && config->didit_client_id.n == 0;
}

bool didit_client_secret_missing(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return didit_takes_tokens(config) && config->didit_client_secret.n == 0;
}

bool didit_api_key_missing(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return !didit_takes_tokens(config) && config->didit_api_key.n == 0;
}

/* Returns true if the API key contains spaces, control characters or non-ASCII bytes, which are not allowed
 * because the key is sent in an HTTP header. */
bool didit_api_key_invalid(const struct config *config, struct raw_config *raw)
{
	const struct str key = config->didit_api_key;

	(void)raw;
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] >= 127)
			return !didit_takes_tokens(config);
	return false;
}

bool didit_workflow_missing(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return !didit_takes_tokens(config) && config->didit_workflow_id.n == 0;
}

static bool is_uuid(struct str text)
{
	static const struct str form = STR_INIT("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");

	for (size_t i = 0; i < form.n && text.n == form.n; i++)
		if (form.p[i] == '-' ? text.p[i] != '-' : !isxdigit((unsigned char)text.p[i]))
			return false;
	return text.n == form.n;
}

bool didit_workflow_invalid(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return !didit_takes_tokens(config) && !is_uuid(config->didit_workflow_id);
}
