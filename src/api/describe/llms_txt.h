/* GET /llms.txt lists the documentation for language models. */
#pragma once

#include "api/core/route.h"

extern const struct route llms_txt_route;
