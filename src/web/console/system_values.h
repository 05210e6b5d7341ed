/* The values of the system page. */
#pragma once

#include "app/console/system_view.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "html/template.h"

struct attention_values {
	struct str topic, text;
	bool is_error;
};
struct instance_values {
	struct str host, id, version, started_at, seen_at;
	bool is_self, is_lost, is_replaced;
};
struct measure_values {
	struct str name, value, limit;
	bool is_error, is_warning, is_good;
};
struct check_values {
	struct str check, text;
	bool is_error, is_warning, is_good;
};

struct system_values {
	struct str version, instance, settings;
	struct str verdict, verdict_class, checked_at;
	bool is_running, has_no_checks;
	struct template_list attention, instances, measures, findings;
	bool backup_is_kept, backup_is_bad;
	struct str backup_at, backup_age, backup_size, failed_at, failure, backup_text;
};

/* Sets what the page shows of the view. The texts refer to the view. */
enum err system_values_fill(
	struct arena *a, const struct system_view *view, struct system_values *out) must_use;
