/* Small attributes of the compiler and three macros that every room may need. Stays under 60 lines. */
#pragma once

#include <stddef.h>

#define must_use __attribute__((warn_unused_result))
#define unused __attribute__((unused))
#define printf_like(format, first) __attribute__((format(printf, format, first)))
/* Runs `fn` on the variable's address at the end of its scope. */
#define cleanup(fn) __attribute__((cleanup(fn)))

#define array_len(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
