// packaging/grafana.json and packaging/alerts.yml, held against the metrics of a running program: a name, a label or a value
// that does not exist makes a graph that is always empty, or an alert that never rings.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '@redocly/openapi-core';
import { App, expect, newEmail } from './lib/app.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));
const OPERATING = fileURLToPath(new URL('../../docs/operating.md', import.meta.url));

/** Prometheus's text as {family: {kind, help, rows: [{label: value}]}}. */
function families(text) {
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

/** A program to which everything has happened that the rules look for. */
async function eventful(t) {
	const app = await App.open(t);
	await app.approved(newEmail());
	const { session_id } = await app.started(newEmail());
	expect(await app.call('GET', `/return?verificationSessionId=${session_id}`, { key: null }), 200);
	const email = await app.proven(newEmail());
	for (const trouble of ['error', 'forbidden', 'html_made', 'cut', 'limit']) {
		app.didit.next = [trouble];
		expect(await app.create(email), 500);
	}
	assert.equal((await app.didit.post(app.server.base, { session_id: 'x' }, { secret: 'of newEmail else' })).http, 401);
	return app;
}

/** What v1 never calls: the rows of a provider whose answer was lost, and looked for. */
async function searched(t) {
	const app = await App.open(t, { didit: { version: 'v3' } });
	const email = await app.proven(newEmail());
	app.didit.next = ['lost'];
	expect(await app.create(email), 500);
	expect(await app.create(email), 201);
	return families(await app.server.metrics()).kycd_provider_calls_total.rows;
}

const AROUND = ['instance', 'job'];

/** What is wrong with a PromQL expression, in the light of these families. */
function wrongs(expression, known) {
	const found = [];
	const labels = new Set(AROUND);
	for (const [, name, , selectors] of expression.matchAll(/\b(kycd_\w+|up\b)(\{([^}]*)\})?/g)) {
		if (name === 'up') continue;
		const family = known[name] ?? known[name.replace(/_(bucket|sum|count)$/, '')];
		if (!family || (known[name]?.kind === 'histogram')) {
			found.push(`there is no ${name}`);
			continue;
		}
		for (const row of family.rows) for (const label of Object.keys(row)) labels.add(label);
		for (const [, label, how, value] of (selectors ?? '').matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)) {
			if (AROUND.includes(label)) continue;
			const pattern = how.endsWith('~') ? value.split('|') : [value];
			for (const one of pattern) {
				const right = (row) => (how.endsWith('~') ? new RegExp(`^(?:${one})$`).test(row[label]) : row[label] === one);
				if (!family.rows.some((row) => row[label] !== undefined && right(row))) found.push(`${name} has no row with ${label}="${one}"`);
			}
		}
	}
	for (const [, words] of expression.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g))
		for (const label of words.split(',').map((word) => word.trim())) if (!labels.has(label)) found.push(`no label ${label} in ${expression}`);
	return found;
}

function namesIn(expressions) {
	return new Set(expressions.flatMap((expression) => [...expression.matchAll(/\bkycd_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))));
}

test('the dashboard and the rules ask for metrics, labels and values that exist', async (t) => {
	const app = await eventful(t);
	const known = families(await app.server.metrics());
	known.kycd_provider_calls_total.rows.push(...(await searched(t)));

	const dashboard = JSON.parse(await readFile(path.join(PACKAGING, 'grafana.json'), 'utf8'));
	const graphs = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
	assert.ok(graphs.length >= Object.keys(known).length);
	for (const expression of graphs) assert.deepEqual(wrongs(expression, known), [], expression);
	const shown = namesIn(graphs);
	for (const name of Object.keys(known)) assert.ok(shown.has(name), `the dashboard shows ${name}`);
	for (const panel of dashboard.panels.filter((one) => one.type !== 'row')) assert.ok(panel.title && panel.description && panel.targets.length > 0, panel.title);
	assert.equal(new Set(dashboard.panels.map((panel) => panel.id)).size, dashboard.panels.length);

	const { groups } = parseYaml(await readFile(path.join(PACKAGING, 'alerts.yml'), 'utf8'));
	const rules = groups.flatMap((group) => group.rules);
	assert.ok(rules.length >= 10);
	for (const { alert, expr } of rules) assert.deepEqual(wrongs(expr, known), [], alert);

	for (const [planted, what] of [
		['kycd_letters_total > 1', /no kycd_letters_total/],
		['kycd_commit_duration_seconds > 1', /no kycd_commit_duration_seconds/],
		['kycd_requests_total{route="/nowhere"}', /no row with route/],
		['rate(kycd_requests_total{state=~"5.."}[5m])', /no row with state/],
		['sum by (tenant) (kycd_requests_total)', /no label tenant/],
	])
		assert.match(wrongs(planted, known).join(), what, 'the check bites');
});

/** A heading's anchor, as GitHub makes it. */
function anchor(heading) {
	return heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');
}

test('each rule says what is wrong, what to do, and where that is written', async () => {
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
	const known = families(await app.server.metrics());
	for (const name of ['kycd_requests_total', 'kycd_provider_calls_total', 'kycd_outbox_deliveries_total', 'kycd_provider_events_total'])
		assert.equal(known[name]?.kind, 'counter', name);
	const text = await app.server.metrics();
	for (const row of ['kycd_provider_calls_total{call="create",outcome="unreachable"} 0', 'kycd_outbox_deliveries_total{kind="code",outcome="relay_down"} 0', 'kycd_requests_total{route="/kyc/prepare",status="201"} 0', 'kycd_provider_events_total{outcome="applied"} 0'])
		assert.ok(text.includes(`\n${row}\n`), row);
});
