/* Wallets that sign messages, and the verification of a signature by the libraries alone, without kycd: the
 * baseline for kycd's wallet route. Thread-safe after signer_start, without locks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNED_SIZE 160
#define ADDRESS_SIZE 48

enum chain { EVM, SOLANA };

struct signing_wallet {
	enum chain chain;
	unsigned char secret[64], key[32]; /* key: the address (EVM) or the public key (Solana) */
	char address[ADDRESS_SIZE];
};

void signer_start(void); /* must be called before all other functions, once */
/* Derives a wallet from the number: the same number gives the same wallet. */
void make_wallet(enum chain chain, uint64_t number, struct signing_wallet *out);
/* Writes a signature of 65 bytes (EVM) or 64 bytes (Solana). */
void sign_bytes(const struct signing_wallet *w, const char *message, size_t n, unsigned char out[65]);
/* Writes the signature as text: hex (EVM) or base58 (Solana). */
void sign_text(const struct signing_wallet *w, const char *message, size_t n, char out[SIGNED_SIZE]);
/* Verifies a signature with library calls only. EVM: Keccak-256 of the message, key recovery, Keccak-256 of
 * the key. Solana: crypto_sign_verify_detached. */
bool verify_bytes(
	const struct signing_wallet *w, const char *message, size_t n, const unsigned char signature[65]);
