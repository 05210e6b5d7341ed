/* The server from its start to its stop: workers, pollers, clean-up thread and listeners. */
#pragma once

#include "main/config.h"
#include "main/process.h"

/* Serves until SIGTERM or SIGINT; SIGHUP reloads the settings. A failed start is reported on stderr. */
enum exit_code serve(const struct config_source *settings);
