#include "base/metrics.h"
#include "main/cli/command.h"
#include "main/cli/version.h"
#include "main/daemon/serve.h"
#include "main/doctor/doctor.h"

enum exit_code run_serve(const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	(void)args;
	metric_label(METRIC_BUILD, 0, 0, KYCD_VERSION);
	metric_label(METRIC_BUILD, 1, 0, KYCD_COMMIT);
	metric_add(METRIC_BUILD, 0, 0, 1);
	return serve(source);
}

enum exit_code run_doctor(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return doctor(source, args_has(args, "--json"));
}
