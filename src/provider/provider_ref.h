/* A session's id as the provider may give it. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "domain/id.h"

/* 1 to 64 of [A-Za-z0-9._-], not only dots: it becomes a step of a path. */
bool provider_ref_read(struct str text, struct provider_ref *out) must_use;
