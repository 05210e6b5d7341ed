#include "main/config/raw_config.h"

#include <stdlib.h>
#include <string.h>

#include "main/config/setting.h"

struct raw_value *config_value(struct raw_config *raw, const char *name)
{
	for (size_t i = 0; i < n_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &raw->values[i];
	abort(); /* a bug: settings.def has no setting with this name */
}

bool config_is_set(struct raw_config *raw, const char *name)
{
	return config_value(raw, name)->origin != ORIGIN_DEFAULT;
}

struct str config_own_url(struct arena *a, struct str listen)
{
	struct str host, port;

	if (!listen_parts(listen, &host, &port))
		return (struct str){ NULL, 0 };
	if (str_eq(host, STR("0.0.0.0")))
		return arena_printf(a, "http://127.0.0.1:%.*s", STR_ARG(port));
	if (str_eq(host, STR("::")))
		return arena_printf(a, "http://[::1]:%.*s", STR_ARG(port));
	return arena_printf(a, "http://%.*s", STR_ARG(listen));
}
