// The feed of events: pages, types, cursors, calls that wait, scopes, other tenants, retention, and the commands.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { validSettings, v3Credentials } from './lib/settings.mjs';
import { until } from './lib/wait.mjs';

const DAY = 86_400;

/** Opens an app whose key has the scopes that the tests need. */
async function open(t, options) {
	const app = await App.open(t, options);
	app.key = await addKey(app, 'shop');
	return app;
}

const addKey = (app, tenant) => app.addKey(tenant, '--scope', 'kyc:write', '--scope', 'events:read');

async function addTenant(app, name) {
	await app.server.run('tenant', 'add', name);
	return addKey(app, name);
}

const list = (app, query = {}, options) => app.call('GET', `/v1/events?${new URLSearchParams(query)}`, options);
const events = async (app, query, options) => expect(await list(app, query, options), 200, 'events_retrieved').data;

/** Prepares new people; returns their number of events. */
async function preparePeople(app, n, options) {
	for (let i = 0; i < n; i++) expect(await app.prepare(newEmail(), options), 201);
}

async function timed(call) {
	const began = performance.now();
	return { answer: await call(), ms: performance.now() - began };
}

test('an event is in the feed as soon as its change is answered', async (t) => {
	const app = await open(t);
	assert.deepEqual(await events(app), { events: [], next_after: null, has_more: false });
	assert.deepEqual(await events(app, { after: 'now' }), { events: [], next_after: null, has_more: false });
	for (let i = 1; i <= 5; i++) {
		await preparePeople(app, 1);
		const page = await events(app);
		assert.equal(page.events.length, i);
		assert.equal(page.next_after, page.events.at(-1).id);
	}
	const { events: all } = await events(app);
	for (const event of all) {
		assert.match(event.id, /^evt_[0-9a-z]{26}$/);
		assert.equal(event.type, 'user.prepared');
		assert.ok(Math.abs(Date.parse(event.timestamp) - Date.now()) < 60_000);
		assert.ok(event.sequence > 0);
		assert.match(event.data.user_id, /^usr_[0-9a-z]{26}$/);
		assert.deepEqual({ ...event.data, user_id: '' }, { tenant: 'shop', user_id: '', reference: null, channel: 'email' });
		assert.deepEqual(expect(await app.call('GET', `/v1/events/${event.id}`), 200, 'event_retrieved').data, event);
	}
	assert.deepEqual(expect(await app.call('GET', `/api/v1/events?limit=1`), 200).data.events, [all[0]]);
	assert.deepEqual(expect(await app.call('GET', `/api/v1/events/${all[0].id}`), 200).data, all[0]);
});

test('pages follow each other without a gap, also with types', async (t) => {
	const app = await open(t);
	await preparePeople(app, 5);
	const first = await events(app, { limit: 2 });
	assert.equal(first.events.length, 2);
	assert.equal(first.has_more, true);
	const second = await events(app, { limit: 2, after: first.next_after });
	const third = await events(app, { limit: 2, after: second.next_after });
	assert.deepEqual([second.has_more, third.has_more, third.events.length], [true, false, 1]);
	const ids = [first, second, third].flatMap((page) => page.events.map((event) => event.id));
	assert.equal(new Set(ids).size, 5);
	assert.deepEqual(await events(app, { after: third.next_after }), { events: [], next_after: third.next_after, has_more: false });
	assert.deepEqual(await events(app, { after: 'now', wait: 25 }), { events: [], next_after: third.next_after, has_more: false });
	// The cursor also passes the events that `types` leaves out.
	assert.deepEqual(await events(app, { types: 'kyc.*,user.linked' }), { events: [], next_after: third.next_after, has_more: false });
	for (const types of ['*', 'user.*', 'user.prepared', 'kyc.approved,user.prepared']) assert.equal((await events(app, { types })).events.length, 5, types);
});

test('values that are not permitted are refused', async (t) => {
	const app = await open(t);
	for (const query of [
		{ limit: 0 }, { limit: 101 }, { limit: 'x' }, { limit: -1 }, { wait: 26 }, { wait: -1 }, { wait: '1.5' }, { types: 'kyc' }, { types: 'kyc.done' },
		{ types: 'user.prepared,' }, { types: 'user.prepared,nothing' }, { types: Array(17).fill('kyc.*').join(',') }, { after: 'x'.repeat(65) },
	]) expect(await list(app, query), 400, 'invalid_parameters');
	await preparePeople(app, 1);
	for (const query of [{ limit: 1 }, { limit: 100 }, { wait: 0 }, { wait: 25 }, { types: Array(16).fill('user.*').join(',') }]) assert.equal((await events(app, query)).events.length, 1);
});

test('a cursor that is no event of the tenant is answered 410 with the oldest event', async (t) => {
	const app = await open(t);
	const bank = await addTenant(app, 'bank');
	const none = expect(await list(app, { after: 'evt_01arz3ndektsv4rrffq69g5fav' }), 410, 'cursor_expired');
	assert.deepEqual(none.json.details, { oldest: null });
	await preparePeople(app, 2);
	await preparePeople(app, 1, { key: bank });
	const [own] = (await events(app)).events;
	const { events: [other] } = await events(app, {}, { key: bank });
	for (const after of [other.id, 'evt_01arz3ndektsv4rrffq69g5fav', 'evt_', 'x', own.id.slice(4)])
		assert.deepEqual(expect(await list(app, { after }), 410, 'cursor_expired').json.details, { oldest: own.id }, after);
	// A tenant sees only its own events.
	assert.equal((await events(app)).events.length, 2);
	for (const id of [other.id, 'evt_01arz3ndektsv4rrffq69g5fav', 'x', own.id.slice(4)]) expect(await app.call('GET', `/v1/events/${id}`), 404, 'event_not_found');
	expect(await app.call('GET', `/v1/events/${own.id}`, { key: bank }), 404, 'event_not_found');
});

test('a key without the scope is refused', async (t) => {
	const app = await open(t);
	await preparePeople(app, 1);
	const [{ id }] = (await events(app)).events;
	const key = await app.addKey('shop');
	for (const path of ['/v1/events', `/v1/events/${id}`]) {
		const answer = expect(await app.call('GET', path, { key }), 403, 'insufficient_scope');
		assert.match(answer.json.message, /events:read/);
	}
});

test('a call that waits is answered within a second after an event of the wanted types', async (t) => {
	const app = await open(t);
	const calls = [{ wait: 25 }, { wait: 25, types: 'user.prepared' }].map((query) => timed(() => list(app, query)));
	const other = timed(() => list(app, { wait: 2, types: 'kyc.*' }));
	await new Promise((resolve) => setTimeout(resolve, 700)); // longer than one interval
	const began = performance.now();
	await preparePeople(app, 1);
	for (const call of calls) assert.equal(expect((await call).answer, 200).data.events.length, 1);
	assert.ok(performance.now() - began < 3_000); // a second, and the time of a slow machine
	// The event that this call left out has moved its cursor.
	const { answer, ms } = await other;
	const [{ id }] = (await events(app)).events;
	assert.deepEqual(expect(answer, 200).data, { events: [], next_after: id, has_more: false });
	assert.ok(ms >= 1_900, `${ms} ms`);
	// With an event there is nothing to wait for.
	assert.ok((await timed(() => list(app, { wait: 25 }))).ms < 5_000);
	assert.ok((await timed(() => list(app, { wait: 25, after: 'now' }))).ms < 5_000);
	assert.ok((await timed(() => list(app, { wait: 1, after: id }))).ms >= 900);
});

test('at most a quarter of the connections wait; other calls are answered at once', async (t) => {
	const app = await open(t, { settings: { KYCD_MAX_CONNECTIONS: 16 } });
	const calls = Array.from({ length: 6 }, () => timed(() => list(app, { wait: 3 })));
	const times = (await Promise.all(calls)).map(({ answer, ms }) => (expect(answer, 200), ms));
	assert.equal(times.filter((ms) => ms > 2_000).length, 4, String(times));
});

test('a stop ends the calls that wait', async (t) => {
	const app = await open(t);
	const waiting = list(app, { wait: 25 });
	await until('the call to be accepted', async () => Number(/^kycd_connections (\d+)/m.exec(await app.server.metrics())?.[1]) >= 2);
	const began = performance.now();
	await app.server.stop();
	assert.ok(performance.now() - began < 5_000);
	assert.deepEqual(expect(await waiting, 200).data.events, []);
});

test('the feed is the same after a restart', async (t) => {
	const app = await open(t);
	await preparePeople(app, 3);
	const before = await events(app, { limit: 2 });
	await app.server.restart();
	await preparePeople(app, 1);
	const all = await events(app);
	assert.deepEqual(all.events.slice(0, 2), before.events);
	assert.equal(all.events.length, 4);
	assert.equal((await events(app, { after: before.next_after })).events.length, 2);
});

test('events expire after KYCD_KEEP_OUTGOING_EVENTS, except for the newest', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, KYCD_KEEP_OUTGOING_EVENTS: '7d' } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const app = { call: (method, where, options) => server.call(method, where, options) };
	const advance = async (seconds) => expect(await server.call('POST', '/sandbox/clock/advance', { body: { seconds } }), 200);
	const prepare = async () => expect(await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } }), 201);
	await prepare();
	await prepare();
	const [first, second] = (await events(app)).events;
	await advance(6 * DAY);
	await prepare();
	assert.equal((await events(app)).events.length, 3);
	await advance(DAY);
	const [third, ...none] = (await events(app)).events;
	assert.deepEqual(none, []);
	for (const { id } of [first, second]) {
		assert.deepEqual(expect(await list(app, { after: id }), 410, 'cursor_expired').json.details, { oldest: third.id });
		expect(await app.call('GET', `/v1/events/${id}`), 404, 'event_not_found');
	}
	await advance(300 * DAY);
	assert.deepEqual((await events(app)).events, [third]);
	assert.deepEqual(await events(app, { after: third.id }), { events: [], next_after: third.id, has_more: false });
	await until('the clean-up to remove the rows', async () => (await server.run('event', 'list', '--dev')).split('\n').length === 1);
});

test('less than seven days of retention refuse the start', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	for (const [keep, code] of [['6d', 1], ['167h', 1], ['604799', 1], ['0', 1], ['7d', 0], ['168h', 0], ['604800', 0], ['604801', 0]]) {
		const result = await run(['config', 'check'], { folder, settings: { ...validSettings(v3Credentials), KYCD_KEEP_OUTGOING_EVENTS: keep } });
		assert.equal(result.code, code, `${keep}: ${result.stderr}`);
		if (code) assert.match(result.stderr, /KYCD_KEEP_OUTGOING_EVENTS/);
	}
});

test('kycd event list and kycd event show print the events', async (t) => {
	const app = await open(t);
	const bank = await addTenant(app, 'bank');
	await preparePeople(app, 2);
	await preparePeople(app, 1, { key: bank });
	const { events: own } = await events(app);
	const lines = async (...args) => (await app.server.run('event', 'list', ...args)).split('\n').filter(Boolean);
	assert.equal((await lines()).length, 3);
	assert.deepEqual((await lines('--tenant', 'shop')).map((line) => line.split(/ +/)), own.map(({ timestamp, id, type, data }) => [timestamp, id, type, data.user_id, 'shop']));
	assert.deepEqual((await lines('--tenant', 'shop', '--json')).map((line) => JSON.parse(line)), own);
	assert.equal((await lines('--type', 'kyc.*')).length, 0);
	assert.equal((await lines('--type', 'kyc.*', '--type', 'user.prepared', '--since', '1h')).length, 3);
	assert.equal((await lines('--since', new Date(Date.now() + 60_000).toISOString())).length, 0);
	assert.deepEqual(JSON.parse(await app.server.run('event', 'show', own[0].id, '--json')), own[0]);
	assert.match(await app.server.run('event', 'show', own[0].id), new RegExp(own[0].id));
	for (const [args, code, reason] of [
		[['list', '--type', 'kyc'], 2, /--type must be/], [['list', '--since', 'soon'], 2, /--since must be/], [['list', '--tenant', 'club'], 1, /no tenant/],
		[['show', 'evt_01arz3ndektsv4rrffq69g5fav'], 1, /no event/], [['show', 'x'], 1, /no event/], [['show'], 2, /ID is missing/],
	]) {
		const result = await run(['event', ...args], { settings: app.server.settings, folder: app.server.folder });
		assert.equal(result.code, code, args.join(' '));
		assert.match(result.stderr, reason);
	}
});
