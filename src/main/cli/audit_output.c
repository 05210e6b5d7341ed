#include "main/cli/audit_output.h"

#include <stdio.h>

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

void audit_output_line(struct buf *out, const struct audit_entry *row)
{
	const char *const kind = actor_kind_name(row->actor_kind);
	char at[MOMENT_RFC3339_SIZE], who[64];

	moment_rfc3339(row->at, at);
	snprintf(who, sizeof(who), row->actor[0] ? "%s:%s" : "%s", kind, row->actor);
	buf_printf(out, "%s  %-16s  %-12s  %-26s  %-26s  %-26s  %s\n", at, audit_action_name(row->action),
		who, or_dash(row->subject), or_dash(row->tenant_id), or_dash(row->request_id),
		or_dash(row->detail));
}

static void field(struct json_writer *w, const char *key, const char *text)
{
	if (text[0])
		json_field_text(w, key, str_of(text));
	else
		json_field_null(w, key);
}

void audit_output_json(struct json_writer *w, const struct audit_entry *row)
{
	char at[MOMENT_RFC3339_SIZE];

	moment_rfc3339(row->at, at);
	json_begin_object(w);
	field(w, "id", row->id.text);
	field(w, "at", at);
	field(w, "action", audit_action_name(row->action));
	field(w, "actor", actor_kind_name(row->actor_kind));
	field(w, "actor_id", row->actor);
	field(w, "subject", row->subject);
	field(w, "tenant_id", row->tenant_id);
	field(w, "request_id", row->request_id);
	field(w, "detail", row->detail);
	json_end_object(w);
}
