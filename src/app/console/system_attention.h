/* What of a system view needs attention, in words. */
#pragma once

#include "app/console/system_view.h"
#include "base/arena.h"
#include "base/err.h"

/* Lists the attention of a view whose other members are set. */
enum err system_attention_list(struct arena *a, struct system_view *view) must_use;
