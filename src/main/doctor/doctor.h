/* `kycd doctor`: examines settings, machine, database, mail server and provider, and reports findings. */
#pragma once

#include "main/config/config.h"
#include "main/platform/process.h"

/* Prints one line per finding, or one JSON object. EXIT_FAILED when a finding is an error. */
enum exit_code doctor(const struct config_source *source, bool json);
