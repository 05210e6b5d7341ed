/* Responds with an exported list. */
#pragma once

#include "web/console/request.h"

/* Responds with a CSV file, which the browser stores under this name. The text is copied. */
struct reply console_csv_file(const struct console_request *request, struct str text, const char *name);
