#include "crypto/authenticator.h"

#include "crypto/digest.h"
#include "text/cbor.h"

#define AAGUID_BYTES 16 /* names the product */

/* Removes `n` bytes from the front of `rest`. */
static bool take(struct str *rest, size_t n, struct str *out)
{
	if (rest->n < n)
		return false;
	*out = (struct str){ rest->p, n };
	*rest = str_from(*rest, n);
	return true;
}

/* Removes a number of `n` bytes, big endian. */
static bool take_number(struct str *rest, size_t n, uint32_t *out)
{
	struct str bytes;

	if (!take(rest, n, &bytes))
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = *out << 8 | (unsigned char)bytes.p[i];
	return true;
}

/* Removes one CBOR item with everything in it. */
static bool take_item(struct str *rest, struct str *out)
{
	const struct str before = *rest;

	if (!cbor_skip(rest))
		return false;
	*out = (struct str){ before.p, before.n - rest->n };
	return true;
}

static bool take_credential(struct str *rest, struct authenticator *out)
{
	struct str aaguid;
	uint32_t length = 0;

	return take(rest, AAGUID_BYTES, &aaguid) && take_number(rest, 2, &length) && length > 0 &&
	       take(rest, length, &out->credential_id) && take_item(rest, &out->cose_key);
}

static bool take_extensions(struct str *rest)
{
	struct str inside = *rest;
	struct cbor_item map;

	return cbor_next(&inside, &map) && map.kind == CBOR_MAP && cbor_skip(rest);
}

bool authenticator_read(struct str bytes, struct authenticator *out)
{
	struct str rest = bytes;

	*out = (struct authenticator){ .flags = 0 };
	if (!take(&rest, DIGEST_BYTES, &out->rp_id_hash) || !take_number(&rest, 1, &out->flags) ||
		!take_number(&rest, 4, &out->sign_count))
		return false;
	if ((out->flags & AUTHENTICATOR_HAS_CREDENTIAL) && !take_credential(&rest, out))
		return false;
	if ((out->flags & AUTHENTICATOR_HAS_EXTENSIONS) && !take_extensions(&rest))
		return false;
	return rest.n == 0;
}

/* The members of an attestation object. */
enum attestation_member { MEMBER_FORMAT, MEMBER_STATEMENT, MEMBER_DATA, MEMBER_COUNT };

static const struct {
	struct str name;
	enum cbor_kind kind; /* CBOR_ABSENT: any, because it depends on the format */
} members[] = {
	[MEMBER_FORMAT] = { STR_INIT("fmt"), CBOR_TEXT },
	[MEMBER_STATEMENT] = { STR_INIT("attStmt"), CBOR_ABSENT },
	[MEMBER_DATA] = { STR_INIT("authData"), CBOR_BYTES },
};

/* Returns MEMBER_COUNT for an unknown name. */
static size_t member_named(const struct cbor_item *name)
{
	size_t i = 0;

	while (i < MEMBER_COUNT && !(name->kind == CBOR_TEXT && str_eq(name->text, members[i].name)))
		i++;
	return i;
}

static bool read_member(struct str *rest, struct cbor_item values[MEMBER_COUNT])
{
	struct cbor_item name;

	if (!cbor_next(rest, &name))
		return false;
	const size_t i = member_named(&name);
	if (i == MEMBER_COUNT || values[i].kind != CBOR_ABSENT)
		return false;
	struct str inside = *rest;
	return cbor_next(&inside, &values[i]) &&
	       (members[i].kind == CBOR_ABSENT || members[i].kind == values[i].kind) && cbor_skip(rest);
}

bool attestation_object_read(struct str bytes, struct str *authenticator_data)
{
	struct cbor_item map, values[MEMBER_COUNT] = { { .kind = CBOR_ABSENT } };

	if (!cbor_next(&bytes, &map) || map.kind != CBOR_MAP || map.count != MEMBER_COUNT)
		return false;
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (!read_member(&bytes, values))
			return false;
	*authenticator_data = values[MEMBER_DATA].text;
	return bytes.n == 0;
}
