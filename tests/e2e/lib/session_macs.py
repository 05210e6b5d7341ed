"""Computes the MACs of rows of the table sessions, independently of kycd, for tests that change such rows with SQL.

Standard input: {"master": base64, "wrapped": hexadecimal digits of keyrings.wrapped_key of the key "row", "rows": [[value, ...], ...]}, the
values in the order of the columns: numbers, texts, and bytes as {"hex": digits}. Standard output: a JSON list of MACs in hexadecimal.
"""

import base64
import ctypes
import hashlib
import json
import sys

VERSION = b"\x01"
GENERATION = b"\x01"
NONCE_BYTES = 24


def part(value):
    return len(value).to_bytes(8, "big") + value


def unwrap(master, wrapped):
    place = hashlib.sha256(VERSION + part(b"keyrings") + part(b"wrapped") + part(b"row/2")).digest()
    nonce, cipher_text = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
    key = ctypes.create_string_buffer(32)
    failed = ctypes.CDLL("libsodium.so.23").crypto_aead_xchacha20poly1305_ietf_decrypt(
        key, None, None, cipher_text, ctypes.c_ulonglong(len(cipher_text)), place, ctypes.c_ulonglong(len(place)), nonce, master
    )
    assert not failed, "the key cannot be unwrapped"
    return key.raw


def piece(value):
    if isinstance(value, dict):
        return part(bytes.fromhex(value["hex"]))
    return part(value.to_bytes(8, "big", signed=True) if isinstance(value, int) else value.encode())


def main():
    given = json.load(sys.stdin)
    key = unwrap(base64.b64decode(given["master"]), bytes.fromhex(given["wrapped"]))
    macs = []
    for row in given["rows"]:
        text = part(b"sessions") + b"".join(piece(value) for value in row)
        macs.append((GENERATION + hashlib.blake2b(text, key=key, digest_size=16).digest()).hex())
    json.dump(macs, sys.stdout)


main()
