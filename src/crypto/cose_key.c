#include "crypto/cose_key.h"

#include <string.h>

#include "text/cbor.h"

/* The members of a key by their labels (RFC 9052 section 7.1, RFC 9053 section 7, RFC 8230 section 4). What
 * the negative labels mean depends on the type of the key. */
enum label { LABEL_TYPE = 1, LABEL_ALGORITHM = 3, LABEL_PARAMETER_1 = -1, LABEL_PARAMETER_3 = -3 };
#define PARAMETERS 3

struct members {
	struct cbor_item type, algorithm;
	struct cbor_item parameters[PARAMETERS]; /* the labels -1, -2, -3 */
};

/* What a key of an algorithm consists of. */
static const struct {
	int algorithm;
	int64_t type;
	int64_t curve;		   /* parameter 1, or 0: parameter 1 is a number of the key */
	size_t length[PARAMETERS]; /* of the parameters that are numbers of the key, in bytes; 0: none */
} forms[] = {
	{ WEBAUTHN_ES256, 2, 1, { 0, 32, 32 } }, /* EC2, P-256, x, y */
	{ WEBAUTHN_EDDSA, 1, 6, { 0, 32, 0 } },	 /* OKP, Ed25519, x */
	{ WEBAUTHN_RS256, 3, 0, { 256, 3, 0 } }, /* RSA, n, e */
};

static struct cbor_item *member_of(struct members *members, const struct cbor_item *label)
{
	if (label->kind != CBOR_INTEGER)
		return NULL;
	if (label->integer == LABEL_TYPE)
		return &members->type;
	if (label->integer == LABEL_ALGORITHM)
		return &members->algorithm;
	if (label->integer < LABEL_PARAMETER_3 || label->integer > LABEL_PARAMETER_1)
		return NULL;
	return &members->parameters[LABEL_PARAMETER_1 - label->integer];
}

/* Reads one member. A key in WebAuthn has no others, and each of them at most once; none is a list or a map.
 */
static bool read_member(struct str *rest, struct members *members)
{
	struct cbor_item label, value;

	if (!cbor_next(rest, &label) || !cbor_next(rest, &value) || value.kind == CBOR_LIST ||
		value.kind == CBOR_MAP)
		return false;
	struct cbor_item *const member = member_of(members, &label);
	if (!member || member->kind != CBOR_ABSENT)
		return false;
	*member = value;
	return true;
}

static bool read_members(struct str cbor, struct members *members)
{
	struct cbor_item map;

	if (!cbor_next(&cbor, &map) || map.kind != CBOR_MAP)
		return false;
	for (size_t i = 0; i < map.count; i++)
		if (!read_member(&cbor, members))
			return false;
	return cbor.n == 0 && members->type.kind == CBOR_INTEGER && members->algorithm.kind == CBOR_INTEGER;
}

/* Returns whether a parameter is what a key of this form has, and appends it to the key. */
static bool append_parameter(const struct cbor_item *value, size_t length, struct cose_key *out)
{
	if (length == 0)
		return value->kind == CBOR_ABSENT;
	if (value->kind != CBOR_BYTES || value->text.n != length)
		return false;
	memcpy(out->bytes + out->n, value->text.p, length);
	out->n += length;
	return true;
}

static bool read_form(const struct members *members, size_t form, struct cose_key *out)
{
	const bool has_curve = forms[form].curve != 0;
	const struct cbor_item *const curve = &members->parameters[0];

	if (members->type.integer != forms[form].type)
		return false;
	if (has_curve && (curve->kind != CBOR_INTEGER || curve->integer != forms[form].curve))
		return false;
	out->algorithm = forms[form].algorithm;
	out->n = 0;
	for (size_t i = has_curve ? 1 : 0; i < PARAMETERS; i++)
		if (!append_parameter(&members->parameters[i], forms[form].length[i], out))
			return false;
	return true;
}

enum webauthn_verdict cose_key_read(struct str cbor, struct cose_key *out)
{
	struct members members = { .type = { .kind = CBOR_ABSENT } };

	if (!read_members(cbor, &members))
		return WEBAUTHN_MALFORMED;
	for (size_t i = 0; i < array_len(forms); i++)
		if (members.algorithm.integer == forms[i].algorithm)
			return read_form(&members, i, out) ? WEBAUTHN_ACCEPTED : WEBAUTHN_MALFORMED;
	return WEBAUTHN_UNKNOWN_ALGORITHM;
}
