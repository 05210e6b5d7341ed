/* Compiler attributes and a few macros for all modules. Keep this file under 60 lines. */
#pragma once

#include <stddef.h>

#define must_use __attribute__((warn_unused_result))
#define maybe_unused __attribute__((unused))
#define printf_like(text, first) __attribute__((format(printf, text, first)))
/* Calls `fn` with the variable's address when the variable goes out of scope. */
#define cleanup_with(fn) __attribute__((cleanup(fn)))

#define array_len(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* UNDER_ASAN is 1 in builds with AddressSanitizer. Clang reports such a build with __has_feature, GCC 12 with
 * a macro. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif
