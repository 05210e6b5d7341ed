/* Wallets that sign natively, and the bare check of the same libraries: what kycd's wallet route is measured
 * against. Neither takes a lock; any thread may call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNED_SIZE 160
#define ADDRESS_SIZE 48

enum chain { EVM, SOLANA };

struct signing_wallet {
	enum chain chain;
	unsigned char secret[64], key[32]; /* EVM: the address; Solana: the public key */
	char address[ADDRESS_SIZE];
};

void signer_start(void);
/* Another number, another wallet. */
void make_wallet(enum chain chain, uint64_t number, struct signing_wallet *out);
void sign_bytes(const struct signing_wallet *w, const char *message, size_t n, unsigned char out[65]);
/* As text: hex or base58. */
void sign_text(const struct signing_wallet *w, const char *message, size_t n, char out[SIGNED_SIZE]);
/* The library's own check and nothing else: EVM, Keccak-256 of the message, recovery, Keccak-256 of the key;
 * Solana, crypto_sign_verify_detached. */
bool check_bytes(
	const struct signing_wallet *w, const char *message, size_t n, const unsigned char signature[65]);
