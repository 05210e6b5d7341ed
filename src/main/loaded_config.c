#include "main/loaded_config.h"

#include <stdlib.h>
#include <string.h>

#include "main/setting.h"

struct loaded_value *config_value(struct loaded_config *loaded, const char *name)
{
	for (size_t i = 0; i < n_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &loaded->values[i];
	abort(); /* a name that stands in this program */
}

bool config_is_set(struct loaded_config *loaded, const char *name)
{
	return config_value(loaded, name)->origin != ORIGIN_DEFAULT;
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
