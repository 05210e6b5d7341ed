/* Small attributes of the compiler and three macros that every room may need. Stays under 60 lines. */
#pragma once

#include <stddef.h>

#define must_use __attribute__((warn_unused_result))
#define maybe_unused __attribute__((unused))
#define printf_like(text, first) __attribute__((format(printf, text, first)))
/* Runs `fn` on the variable's address at the end of its scope. */
#define cleanup_with(fn) __attribute__((cleanup(fn)))

#define array_len(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* 1 where AddressSanitizer watches. Clang tells by a feature, GCC 12 by a macro. */
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
