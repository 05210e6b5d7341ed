/* The server from its start to its stop: workers, pollers, clean-up thread and listeners. */
#pragma once

#include "main/config/config.h"
#include "main/platform/process.h"

/* Serves until SIGTERM or SIGINT; SIGHUP reloads the settings. A failed start is reported on stderr. */
enum exit_code serve(const struct config_source *settings);
