/* The wallet route: /security/wallet/challenge and /kyc/prepare-wallet. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint handle_challenge, handle_prepare_wallet;
