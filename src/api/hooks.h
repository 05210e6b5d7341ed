/* /webhooks/: what the provider tells us. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint take_didit_event;
