/* Runs the server: starts and stops workers, pollers, clean-up thread and listeners, and handles signals.
 * Called only on the main thread. */
#pragma once

#include "main/config/config.h"
#include "main/platform/process.h"

/* Serves until SIGTERM or SIGINT arrives. SIGHUP reloads the settings; with --dev it stops the server. If the
 * server cannot be started, prints the reason on stderr. */
enum exit_code serve(const struct config_source *settings);
