// Changes rows of the table sessions with SQL as kycd itself would: with a new MAC of each row.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ON_POSTGRES, executeSql, hexColumn, queryRows } from './database.mjs';

const SCRIPT = fileURLToPath(new URL('session_macs.py', import.meta.url));
/** The columns in the order of port/record.c. */
const COLUMNS = ['id', 'user_id', 'tenant_id', 'flow', 'provider_version', 'features', 'provider_ref', 'status', 'sealed_url', 'sealed_decision', 'blocklisted',
	'created_at', 'provider_event_at', 'last_update_at', 'last_poll_at', 'return_poll_at', 'instance_id', 'quota_month', 'after_declines', 'next_poll_at'];
const isBytes = (column) => column.startsWith('sealed_');

/** Writes new MACs for all rows. The server must not change sessions meanwhile. */
export function renewSessionMacs(app) {
	const [{ wrapped }] = queryRows(app, `SELECT ${hexColumn('wrapped_key')} AS wrapped FROM keyrings WHERE name = 'row'`);
	const rows = queryRows(app, `SELECT ${COLUMNS.map((column) => (isBytes(column) ? `${hexColumn(column)} AS ${column}` : column)).join(', ')} FROM sessions`);
	const input = { master: app.server.settings.KYCD_SECRET_KEY, wrapped, rows: rows.map((row) => COLUMNS.map((column) => (isBytes(column) ? { hex: row[column] } : row[column]))) };
	const macs = JSON.parse(execFileSync('python3', [SCRIPT], { input: JSON.stringify(input), encoding: 'utf8' }));
	const bytes = (hex) => (ON_POSTGRES ? `'\\x${hex}'` : `x'${hex}'`);
	if (rows.length > 0) executeSql(app, rows.map(({ id }, i) => `UPDATE sessions SET mac = ${bytes(macs[i])} WHERE id = '${id}'`).join('; '));
}
