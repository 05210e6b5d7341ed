// Checks packaging/grafana.json and packaging/alerts.yml against the metrics of a running server: a name, a label or a value
// that does not exist would make a graph that is always empty, or an alert that never fires.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '@redocly/openapi-core';
import { App, expect, newEmail, wrongCode } from './lib/app.mjs';
import { sqliteTest } from './lib/database.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));
const OPERATING = fileURLToPath(new URL('../../docs/operating.md', import.meta.url));

/** Creates a self-signed certificate for 127.0.0.1 that expires in `days`. */
function createCertificate(folder, days) {
	const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=127.0.0.1', '-days', `${days}`, '-keyout', key, '-out', cert], { stdio: ['ignore', 'pipe', 'pipe'] });
	return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** Parses the Prometheus text format into {family: {kind, help, rows: [{label: value}]}}. */
function parseMetrics(text) {
	const all = {};
	for (const line of text.split('\n').filter(Boolean)) {
		const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
		if (what) {
			all[name] ??= { rows: [] };
			all[name][what === 'HELP' ? 'help' : 'kind'] = rest;
			continue;
		}
		const row = /^(\w+)(?:\{(.*)\})? -?[\d.]+$/.exec(line);
		assert.ok(row, `a row of the text format: ${line}`);
		const family = all[row[1]] ?? all[row[1].replace(/_(bucket|sum|count)$/, '')];
		assert.ok(family?.help && family?.kind, `${row[1]} has HELP and TYPE before it`);
		family.rows.push(Object.fromEntries([...(row[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value])));
	}
	return all;
}

/** Starts an app and causes every kind of event that the alert rules refer to. */
async function openWithAllEvents(t) {
	const app = await App.open(t);
	await app.approvePerson(newEmail());
	const { session_id } = await app.startSession(newEmail());
	expect(await app.call('GET', `/return?verificationSessionId=${session_id}`, { key: null }), 200);
	const email = await app.verifyPerson(newEmail());
	for (const fault of ['error', 'forbidden', 'html_made', 'cut', 'limit']) {
		app.didit.nextFaults = [fault];
		expect(await app.create(email), 500);
	}
	assert.equal((await app.didit.post(app.server.base, { session_id: 'x' }, { secret: 'another-secret' })).http, 401);
	return app;
}

/** Returns the provider-call rows of an app on v3 that searched for a session after a lost answer. v1 never makes this call. */
async function searchCallRows(t) {
	const app = await App.open(t, { didit: { version: 'v3' } });
	const email = await app.verifyPerson(newEmail());
	app.didit.nextFaults = ['lost'];
	expect(await app.create(email), 500);
	expect(await app.create(email), 201);
	return parseMetrics(await app.server.metrics()).kycd_provider_calls_total.rows;
}

const SCRAPE_LABELS = ['instance', 'job'];

/** Returns the names, labels and values of a PromQL expression that do not exist in these metric families. */
function findErrors(expression, known) {
	const errors = [];
	const labels = new Set(SCRAPE_LABELS);
	for (const [, name, , selectors] of expression.matchAll(/\b(kycd_\w+|up\b)(\{([^}]*)\})?/g)) {
		if (name === 'up') continue;
		const family = known[name] ?? known[name.replace(/_(bucket|sum|count)$/, '')];
		if (!family || (known[name]?.kind === 'histogram')) {
			errors.push(`there is no ${name}`);
			continue;
		}
		for (const row of family.rows) for (const label of Object.keys(row)) labels.add(label);
		for (const [, label, operator, value] of (selectors ?? '').matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)) {
			if (SCRAPE_LABELS.includes(label)) continue;
			const pattern = operator.endsWith('~') ? value.split('|') : [value];
			for (const text of pattern) {
				const matches = (row) => (operator.endsWith('~') ? new RegExp(`^(?:${text})$`).test(row[label]) : row[label] === text);
				if (!family.rows.some((row) => row[label] !== undefined && matches(row))) errors.push(`${name} has no row with ${label}="${text}"`);
			}
		}
	}
	for (const [, words] of expression.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g))
		for (const label of words.split(',').map((word) => word.trim())) if (!labels.has(label)) errors.push(`no label ${label} in ${expression}`);
	return errors;
}

function namesIn(expressions) {
	return new Set(expressions.flatMap((expression) => [...expression.matchAll(/\bkycd_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))));
}

test('the dashboard and the alert rules use only metrics, labels and values that exist', async (t) => {
	const app = await openWithAllEvents(t);
	const known = parseMetrics(await app.server.metrics());
	known.kycd_provider_calls_total.rows.push(...(await searchCallRows(t)));

	const dashboard = JSON.parse(await readFile(path.join(PACKAGING, 'grafana.json'), 'utf8'));
	const graphs = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
	assert.ok(graphs.length >= Object.keys(known).length);
	for (const expression of graphs) assert.deepEqual(findErrors(expression, known), [], expression);
	const shown = namesIn(graphs);
	for (const name of Object.keys(known)) assert.ok(shown.has(name), `the dashboard shows ${name}`);
	for (const panel of dashboard.panels.filter((panel) => panel.type !== 'row')) assert.ok(panel.title && panel.description && panel.targets.length > 0, panel.title);
	assert.equal(new Set(dashboard.panels.map((panel) => panel.id)).size, dashboard.panels.length);

	const { groups } = parseYaml(await readFile(path.join(PACKAGING, 'alerts.yml'), 'utf8'));
	const rules = groups.flatMap((group) => group.rules);
	assert.ok(rules.length >= 10);
	for (const { alert, expr } of rules) assert.deepEqual(findErrors(expr, known), [], alert);

	for (const [expression, error] of [
		['kycd_letters_total > 1', /no kycd_letters_total/],
		['kycd_commit_duration_seconds > 1', /no kycd_commit_duration_seconds/],
		['kycd_requests_total{route="/nowhere"}', /no row with route/],
		['rate(kycd_requests_total{state=~"5.."}[5m])', /no row with state/],
		['sum by (tenant) (kycd_requests_total)', /no label tenant/],
	])
		assert.match(findErrors(expression, known).join(), error, 'the check detects the error');
});

/** Returns the anchor that GitHub generates for a heading. */
function anchor(heading) {
	return heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');
}

test('each alert rule has a severity, a summary, a description and a link to an existing runbook section', async () => {
	const page = await readFile(OPERATING, 'utf8');
	const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
	const { groups } = parseYaml(await readFile(path.join(PACKAGING, 'alerts.yml'), 'utf8'));
	for (const { alert, for: pause, labels, annotations } of groups.flatMap((group) => group.rules)) {
		assert.match(pause, /^\d+[smh]$/, alert);
		assert.ok(['page', 'ticket', 'note'].includes(labels.severity), alert);
		assert.ok(annotations.summary.length > 10 && annotations.description.length > 40, alert);
		const [file, place] = annotations.runbook_url.split('#');
		assert.equal(file, 'docs/operating.md', alert);
		assert.ok(anchors.includes(place), `${alert}: docs/operating.md has no heading for #${place}`);
	}
});

test('every counter is exported from the start with 0', async (t) => {
	const app = await App.open(t);
	const text = await app.server.metrics();
	const known = parseMetrics(text);
	const counters = Object.entries(known).filter(([, family]) => family.kind === 'counter');
	assert.ok(counters.length >= 8);
	for (const [name, family] of counters) assert.ok(family.rows.length > 0, `${name} has rows`);
	const series = text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
	assert.deepEqual(series.filter((name, i) => series.indexOf(name) !== i), [], 'Prometheus drops a series that a scrape contains twice');
	// All combinations of the labels are exported; with tenants, those of each tenant.
	for (const [name, family] of counters) {
		const combinations = Object.keys(family.rows[0]).map((label) => new Set(family.rows.map((row) => row[label])).size);
		assert.equal(family.rows.length, combinations.reduce((product, n) => product * n, 1), name);
	}
	for (const row of [
		'kycd_provider_calls_total{call="create",outcome="unreachable"} 0',
		'kycd_outbox_deliveries_total{kind="code",outcome="relay_down"} 0',
		'kycd_outbox_deliveries_total{kind="link_code",outcome="accepted"} 0',
		'kycd_requests_total{route="/kyc/prepare",status="201"} 0',
		'kycd_requests_total{route="/webhooks/didit",status="401"} 0',
		'kycd_provider_events_total{outcome="applied"} 0',
		'kycd_decisions_total{tenant="shop",status="approved"} 0',
		'kycd_code_checks_total{kind="code",outcome="wrong"} 0',
		'kycd_challenge_checks_total{outcome="wrong"} 0',
		'kycd_end_user_address_malformed_total 0',
		'kycd_request_duration_seconds_count{route="/kyc/prepare"} 0',
		'kycd_request_duration_seconds_bucket{route="/kyc/prepare",le="+Inf"} 0',
	])
		assert.ok(text.includes(`\n${row}\n`), row);
	// A tenant that is added later is exported at once, too.
	await app.addTenant('bank');
	assert.ok((await app.server.metrics()).includes('\nkycd_decisions_total{tenant="bank",status="declined"} 0\n'));
});

test('the metrics name the program, its start, decisions and wrong codes', async (t) => {
	const before = Math.floor(Date.now() / 1000);
	const app = await App.open(t);
	const version = JSON.parse(await app.server.run('version', '--json'));
	const text = await app.server.metrics();
	assert.ok(text.includes(`\nkycd_build_info{version="${version.version}",commit="${version.commit}"} 1\n`), text.slice(0, 500));
	const started = await app.server.metric('kycd_process_start_time_seconds');
	assert.ok(started >= before && started <= Date.now() / 1000, `${started}`);
	assert.equal(await app.server.metric('kycd_connections_max'), 1024);

	const email = newEmail();
	const code = await app.requestCode(email);
	for (const n of [1, 2]) expect(await app.verify(email, wrongCode(code, n)), 400, 'otp_invalid');
	expect(await app.verify(email, code), 200);
	assert.equal(await app.server.metric('kycd_code_checks_total', { kind: 'code', outcome: 'wrong' }), 2);
	assert.equal(await app.server.metric('kycd_code_checks_total', { kind: 'code', outcome: 'accepted' }), 1);

	const other = await app.addTenant('bank');
	await app.approvePerson(newEmail());
	const declined = await app.startSession(newEmail(), { key: other });
	expect(await app.didit.sendStatusEvent(app.server.base, declined.session_id, 'Declined'), 200);
	const decisions = (tenant, status) => app.server.metric('kycd_decisions_total', { tenant, status });
	assert.deepEqual(await Promise.all([decisions('shop', 'approved'), decisions('shop', 'declined'), decisions('bank', 'approved'), decisions('bank', 'declined')]), [1, 0, 0, 1]);
	assert.ok((await app.server.metric('kycd_request_duration_seconds_count', { route: '/webhooks/didit' })) >= 2);
	assert.ok((await app.server.metric('kycd_database_bytes')) > 8192);
});

sqliteTest('the metrics have the free space of the disk and the age of the last backup', async (t) => {
	const app = await App.open(t);
	assert.ok((await app.server.metric('kycd_disk_free_bytes')) > 0);
	assert.ok(!/^kycd_last_backup_age_seconds /m.test(await app.server.metrics()), 'not exported while no backup is known');
	await app.server.run('db', 'backup', 'copy.db');
	await until('the backup to be measured', async () => /^kycd_last_backup_age_seconds \d+$/m.test(await app.server.metrics()), 15_000);
	assert.ok((await app.server.metric('kycd_last_backup_age_seconds')) <= 15);
});

test('the metrics have the days until the certificate of the public URL expires', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const server = https.createServer(createCertificate(folder, 30)).listen(0, '127.0.0.1');
	t.after(() => server.close());
	await once(server, 'listening');
	const app = await App.open(t, { settings: { KYCD_PUBLIC_URL: `https://127.0.0.1:${server.address().port}` } });
	await until('the certificate to be measured', async () => /^kycd_certificate_expiry_days\{setting="public_url"\} 29$/m.test(await app.server.metrics()), 15_000);
	assert.ok(!(await app.server.metrics()).includes('setting="smtp_url"'), 'the mail server has no certificate');
});

test('the trace context of a caller is logged with the request', async (t) => {
	const app = await App.open(t);
	const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
	expect(await app.call('GET', '/config/products', { headers: { traceparent } }), 200);
	await app.server.waitForLog(/event=request .*route=\/config\/products .*trace_id=4bf92f3577b34da6a3ce929d0e0e4736 parent_id=00f067aa0ba902b7\n/);
	expect(await app.call('GET', '/config/products', { headers: { traceparent: 'person@example.com' } }), 200);
	assert.ok(!app.server.log.includes('person@example.com'));
});
