// Checks packaging/grafana.json and packaging/alerts.yml against the metrics of a running server: a name, a label or a value
// that does not exist would make a graph that is always empty, or an alert that never fires.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '@redocly/openapi-core';
import { App, expect, newEmail } from './lib/app.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));
const OPERATING = fileURLToPath(new URL('../../docs/operating.md', import.meta.url));

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

test('every named counter is exported from the start with 0', async (t) => {
	const app = await App.open(t, { tenant: null });
	const known = parseMetrics(await app.server.metrics());
	for (const name of ['kycd_requests_total', 'kycd_provider_calls_total', 'kycd_outbox_deliveries_total', 'kycd_provider_events_total'])
		assert.equal(known[name]?.kind, 'counter', name);
	const text = await app.server.metrics();
	for (const row of ['kycd_provider_calls_total{call="create",outcome="unreachable"} 0', 'kycd_outbox_deliveries_total{kind="code",outcome="relay_down"} 0', 'kycd_requests_total{route="/kyc/prepare",status="201"} 0', 'kycd_provider_events_total{outcome="applied"} 0'])
		assert.ok(text.includes(`\n${row}\n`), row);
});
