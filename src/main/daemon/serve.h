/* Runs the server: starts and stops workers, pollers, clean-up thread and listeners, and handles signals. For
 * the main thread. */
#pragma once

#include "main/config/config.h"
#include "main/platform/process.h"

/* Serves until SIGTERM or SIGINT. SIGHUP reloads the settings; with --dev it stops the server. If the start
 * fails, the reason is printed on stderr. */
enum exit_code serve(const struct config_source *settings);
