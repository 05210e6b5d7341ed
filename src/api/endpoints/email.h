/* Enrolment by e-mail: POST /kyc/prepare, /security/email/send-otp, /security/email/verify-otp. */
#pragma once

#include "api/core/route.h"

extern const struct route prepare_route, send_otp_route, verify_otp_route;
