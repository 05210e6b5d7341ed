/* One-time codes that confirm a link: that a wallet and an e-mail belong to one person (app/enrolment/link).
 * Such a code also verifies the e-mail. The e-mail message names the wallet, and is sent even if the e-mail
 * is already verified. Link codes are separate from the codes that verify an e-mail alone: a code of one kind
 * is not accepted as the other kind, does not use up its tries and does not replace it. */
#pragma once

#include "app/enrolment/email_otp.h"
#include "crypto/wallet.h"

struct link_otp_params {
	const struct wallet *wallet;
	struct str email;
	struct str language; /* may be empty; stored as the language of the wallet's owner */
};

/* Like app_send_email_otp. The verdict is SEND_UNKNOWN_USER if the wallet has no claim on the e-mail with
 * this tenant, and SEND_ALREADY_VERIFIED if the link is already confirmed. */
enum err app_send_link_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct link_otp_params *params, struct send_result *out) must_use;

/* Like app_verify_email_otp, for the code of this wallet and this e-mail. */
enum err app_verify_link_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link_otp_params *params, struct str code, enum verify_verdict *out) must_use;
