/* The wallet route: /security/wallet/challenge and /kyc/prepare-wallet. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint create_wallet_challenge, prepare_kyc_by_wallet;
