/* Entry point of a fuzz target; libFuzzer or replay.c calls it for each input. The target checks a property
 * that must hold for every input and calls abort() if it does not hold. At least, the code must not crash.
 * Always returns 0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(
	const uint8_t *data, size_t size); /* NOLINT(readability-identifier-naming) name fixed by libFuzzer */
