#include "main/cli/audit_output.h"

#include <stdio.h>

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

void audit_output_line(struct buf *out, const struct audit_entry *row)
{
	const char *const kind = actor_kind_name(row->actor_kind);
	char at[MOMENT_RFC3339_SIZE], actor[64];

	moment_rfc3339(row->at, at);
	snprintf(actor, sizeof(actor), row->actor[0] ? "%s:%s" : "%s", kind, row->actor);
	buf_printf(out, "%s  %-16s  %-12s  %-26s  %-26s  %-26s  %s\n", at, audit_action_name(row->action),
		actor, or_dash(row->subject), or_dash(row->tenant_id), or_dash(row->request_id),
		or_dash(row->detail));
}

static void audit_field_or_null(struct json_writer *w, const char *key, const char *text)
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
	audit_field_or_null(w, "id", row->id.text);
	audit_field_or_null(w, "at", at);
	audit_field_or_null(w, "action", audit_action_name(row->action));
	audit_field_or_null(w, "actor", actor_kind_name(row->actor_kind));
	audit_field_or_null(w, "actor_id", row->actor);
	audit_field_or_null(w, "subject", row->subject);
	audit_field_or_null(w, "tenant_id", row->tenant_id);
	audit_field_or_null(w, "request_id", row->request_id);
	audit_field_or_null(w, "detail", row->detail);
	json_end_object(w);
}
