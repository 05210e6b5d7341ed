#include "main/cli/tenant_lookup.h"

#include "app/admin/operator.h"
#include "main/cli/command.h"

enum exit_code tenant_lookup_none(void)
{
	return command_failed("there is no tenant with this name: see `kycd tenant list`", OK);
}

enum exit_code tenant_lookup(struct runtime *runtime, struct str name, struct tenant *out)
{
	const enum err e = operator_find_tenant(&runtime->world, &runtime->arena, name, out);

	if (e == ERR_NOT_FOUND)
		return tenant_lookup_none();
	return e == OK ? EXIT_DONE : command_failed("the tenant cannot be read", e);
}

enum exit_code tenant_lookup_optional(struct runtime *runtime, struct str name, struct tenant *out)
{
	*out = (struct tenant){ .id = { "" } };
	return name.p ? tenant_lookup(runtime, name, out) : EXIT_DONE;
}
