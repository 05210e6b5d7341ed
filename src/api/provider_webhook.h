/* /webhooks/: what the provider tells us. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint handle_didit_webhook;
