/* Request fields that several endpoints have. For FIELD_DOC of text/form.h, LIMITS_ macros give the shortest
 * and longest length in bytes, and DOC_ macros give an example and a description. */
#pragma once

#include "app/core/long_poll.h"
#include "text/email.h"
#include "text/form.h"

#define LIMITS_EMAIL 3, EMAIL_MAX
#define LIMITS_WALLET 1, 128
#define LIMITS_SESSION_ID 1, 64
#define LIMITS_LANGUAGE 0, 35
#define LIMITS_WAIT 0, LONG_POLL_MAX_SECONDS
#define LIMITS_WORD 1, 32
#define LIMITS_PAGE 1, 100
#define LIMITS_EVENT_ID 1, 64
#define LIMITS_EVENT_TYPES 1, 512
/* Allows any length that fits into a body. The handler checks the value and responds with a more precise
 * error. */
#define LIMITS_ANY 1, 65536

#define DOC_EMAIL                                                                                            \
	"ana.exemplo@example.com",                                                                           \
		"E-mail address. Compared after trimming and in lower case. Use the same spelling in all calls."
#define DOC_WALLET                                                                                           \
	"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",                                                        \
		"Wallet address: EVM (0x and 40 hex digits) or Solana (base58)."
#define DOC_LANGUAGE                                                                                         \
	"pt-BR",                                                                                             \
		"Language of e-mails and pages as a BCP 47 tag. kycd uses the nearest language it has; never an error."
#define DOC_SESSION_ID                                                                                       \
	"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", "Session of a person who is verified with your key."

#define DOC_WAIT                                                                                             \
	"20", "Wait at most this many seconds for a change. 0, the default, answers at once. The call also answers at once if too many calls wait already."
#define DOC_KNOWN_STATUS                                                                                     \
	"pending",                                                                                           \
		"With `wait`: the status that you know. The call answers as soon as the status is another one. Without it, the status at the beginning of the call counts."

/* Defines a struct form. `missing` is the message of the 400 response when a required field is missing. */
#define FORM(list, type, missing)                                                                            \
	{                                                                                                    \
		(list), sizeof(list) / sizeof((list)[0]), sizeof(type), missing, false, 0, NULL              \
	}
/* Defines a struct form whose first `one_of` fields are optional, but one of them must be present. */
#define FORM_ONE_OF(list, type, one_of, missing)                                                             \
	{                                                                                                    \
		(list), sizeof(list) / sizeof((list)[0]), sizeof(type), missing, true, one_of, NULL          \
	}
