/* The one function of a fuzz target, as libFuzzer and replay.c call it. A target states a property and calls
 * abort() when an input breaks it: "does not crash" is the weakest one. Always returns 0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(
	const uint8_t *data, size_t size); /* NOLINT(readability-identifier-naming) libFuzzer's */
