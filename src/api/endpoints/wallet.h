/* Endpoints for enrolment by wallet: POST /security/wallet/challenge, /kyc/prepare-wallet. */
#pragma once

#include "api/core/route.h"

extern const struct route challenge_route, prepare_wallet_route;
