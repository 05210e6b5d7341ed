/* /security/email/: a code is sent, a code is judged. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint send_email_otp;
tx_endpoint verify_email_otp;
