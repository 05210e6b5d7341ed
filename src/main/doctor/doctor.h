/* `kycd doctor`: checks settings, machine, database, mail server, provider and public URL, and reports
 * findings. Changes nothing. */
#pragma once

#include "main/config/config.h"
#include "main/platform/process.h"

/* Prints one line per finding, or one JSON object. Returns EXIT_FAILED if a finding is an error. */
enum exit_code doctor(const struct config_source *source, bool json);
