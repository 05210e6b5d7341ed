#include "main/cli/command.h"
#include "main/daemon/serve.h"
#include "main/doctor/doctor.h"

enum exit_code run_serve(const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	(void)args;
	return serve(source);
}

enum exit_code run_doctor(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return doctor(source, args_has(args, "--json"));
}
