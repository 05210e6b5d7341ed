/* One-time codes for a pair: they confirm that a wallet and an e-mail are one person's (app/enrolment/link),
 * and by that prove the e-mail. The letter names the wallet, and goes out whether or not the e-mail is
 * proven. Such a code is apart from the one for the e-mail alone: neither serves for the other, takes its
 * tries or replaces it. */
#pragma once

#include "app/enrolment/email_otp.h"
#include "crypto/wallet.h"

struct link_otp_params {
	const struct wallet *wallet;
	struct str email,
		language; /* language empty: none was named; it is remembered for the wallet's owner */
};

/* As app_send_email_otp. SEND_UNKNOWN_USER: this wallet does not claim the e-mail with this tenant;
 * SEND_ALREADY_VERIFIED: the link is confirmed. */
enum err app_send_link_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct link_otp_params *params, struct send_result *out) must_use;

/* As app_verify_email_otp. */
enum err app_verify_link_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link_otp_params *params, struct str code, enum verify_verdict *out) must_use;
