/* /security/email/: a code is sent, a code is judged. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint handle_send_otp;
tx_endpoint handle_verify_otp;
