// The sandbox of a server in dev mode, called like Didit's API v2 and v3.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { FULL_WORKFLOW, Sandbox } from './lib/sandbox.mjs';
import { call } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

/** The statuses before a session has a decision. */
const OPEN_STATUSES = ['Not Started', 'In Progress'];

test('a v3 session sends one event for each status, in order', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	const metadata = { plan: 'básico', ratio: 0.1, whole: 97.5, tiny: 0.000125, list: [1, 2.25, { b: 1, a: '\u2028"\\/' }], emoji: '😀' };
	const session = await sandbox.create({ vendor_data: 'usér-42', callback: 'https://app.example.com/kyc/done', metadata, language: 'pt-BR', sandbox_scenario: 'review_aml_possible_match' });
	assert.equal(session.url, `${sandbox.base}/pt-BR/session/${session.session_token}`);
	assert.deepEqual(session.metadata, metadata);

	const page = await call(session.url);
	assert.equal(page.http, 200);
	assert.equal((await sandbox.submit(session)).status, 'In Review');
	const updated = await sandbox.call('PATCH', `/v3/session/${session.session_id}/update-status/`, { new_status: 'Approved', comment: 'Não é ela' });
	assert.deepEqual([updated.http, updated.json], [200, { session_id: session.session_id }]);

	const events = await hook.received(4);
	assert.deepEqual(events.map(({ status }) => status), [...OPEN_STATUSES, 'In Review', 'Approved']);
	assert.equal(new Set(events.map(({ event_id }) => event_id)).size, 4);
	for (const event of events) {
		assert.equal(event.webhook_type, 'status.updated');
		assert.equal(event.environment, 'sandbox');
		assert.equal(event.session_id, session.session_id);
		assert.equal(event.workflow_id, FULL_WORKFLOW);
		assert.equal(event.vendor_data, 'usér-42');
		assert.deepEqual(event.metadata, metadata);
		assert.equal('decision' in event, !OPEN_STATUSES.includes(event.status));
		assert.match(event.raw, /^\{"[\x20-\x7e]*\}$/, 'the body is one line of ASCII');
		assert.equal(event.headers['user-agent'], 'DiditWebhook/2.0 +https://didit.me');
		// The header has the time of the delivery attempt, the body that of the event.
		const delay = Number(event.headers['x-timestamp']) - event.timestamp;
		assert.ok(delay >= 0 && delay <= 2, `${delay} s between event and delivery`);
	}
	const decision = await sandbox.decision(session);
	assert.deepEqual(events[3].decision, decision);
	assert.equal(decision.aml_screenings[0].warnings[0].risk, 'POSSIBLE_MATCH_FOUND');
	assert.equal(decision.reviews[0].comment, 'Não é ela');
});

test('a destination gets decisions in the format of its version, and no events while it is disabled', async (t) => {
	const sandbox = await Sandbox.open(t);
	const [v2, v3] = [await sandbox.addDestination(t, 'v2'), await sandbox.addDestination(t, 'v3')];
	const disabled = await sandbox.addDestination(t, 'v3');
	const session = await sandbox.create({}, 'v2');
	assert.equal((await sandbox.call('PATCH', `/v3/webhook/destinations/${disabled.uuid}/`, { enabled: false })).http, 200);
	await sandbox.submit(session, 'decline_face_blocklist');
	const [v2Event, v3Event] = [(await v2.received(3))[2], (await v3.received(3))[2]];
	assert.equal(v2Event.event_id, v3Event.event_id, 'each destination gets the same event');
	assert.deepEqual(v2Event.decision, await sandbox.decision(session, 'v2'));
	assert.deepEqual(v3Event.decision, await sandbox.decision(session, 'v3'));
	assert.equal(v2Event.decision.liveness.warnings[0].risk, 'FACE_IN_BLOCKLIST');
	assert.equal(v3Event.decision.liveness_checks[0].warnings[0].risk, 'FACE_IN_BLOCKLIST');
	assert.equal(v3Event.sandbox_scenario, 'decline_face_blocklist');
	assert.equal(disabled.events.length, 1);
});

test('a resubmission sends an event with its nodes and reasons, and can be approved', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	const session = await sandbox.create();
	await sandbox.submit(session, 'decline_liveness_attack');
	const nodes = [{ node_id: 'feature_liveness', feature: 'LIVENESS' }];
	assert.equal((await sandbox.call('PATCH', `/v3/session/${session.session_id}/update-status/`, { new_status: 'Resubmitted', nodes_to_resubmit: nodes, comment: 'Too dark' })).http, 200);
	await sandbox.submit(session, 'approve');
	const events = await hook.received(6);
	assert.deepEqual(events.map(({ status }) => status), [...OPEN_STATUSES, 'Declined', 'Resubmitted', 'In Progress', 'Approved']);
	assert.deepEqual(events[3].resubmit_info, { nodes_to_resubmit: nodes, reasons: { feature_liveness: 'Too dark' } });
});

test('events have no empty objects, which a receiver in PHP would sign as lists', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	const session = await sandbox.create({ metadata: {}, contact_details: {}, expected_details: {} });
	await sandbox.submit(session, 'decline_aml_hit');
	assert.equal((await sandbox.call('PATCH', `/v3/session/${session.session_id}/update-status/`, { new_status: 'Resubmitted' })).http, 200);
	const events = await hook.received(4);
	for (const { raw } of events) assert.ok(!raw.includes('{}'), raw);
	assert.deepEqual([events[3].status, events[3].resubmit_info.reasons, events[3].metadata], ['Resubmitted', null, null]);
});

test('corrected data sends an event, and an approval ends when its document has expired', async (t) => {
	const sandbox = await Sandbox.open(t);
	const email = newEmail('ana');
	const post = async (path, body) => (await sandbox.server.call('POST', path, { body })).json.data;
	await post('/kyc/prepare', { email });
	await post('/security/email/send-otp', { email });
	const code = await until('the message with the code', async () => /\d{6}/.exec((await sandbox.server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]?.text)?.[0]);
	await post('/security/email/verify-otp', { email, code });
	const { session } = await post('/kyc/create/verify_public_kyc', { email });
	const allEvents = await sandbox.addDestination(t, 'v3', ['status.updated', 'data.updated']);
	const statusEvents = await sandbox.addDestination(t);
	await sandbox.submit({ session_token: session.session_url.split('/').pop() }, 'approve');
	await until('the session to be approved', async () => (await post('/kyc/status', { email })).approved);

	const correct = (body) => sandbox.call('PATCH', `/v3/session/${session.session_id}/update-data/`, body);
	assert.deepEqual((await correct({ first_name: 'Zoé', expiration_date: '2026-01-31' })).json, { session_id: session.session_id });
	const [, , corrected, expired] = await allEvents.received(4);
	assert.deepEqual([corrected.webhook_type, corrected.status, corrected.decision.id_verifications[0].first_name], ['data.updated', 'Approved', 'Zoé']);
	assert.deepEqual([expired.webhook_type, expired.status, 'decision' in expired], ['status.updated', 'Kyc Expired', false]);
	assert.deepEqual((await statusEvents.received(3)).map(({ status }) => status), ['In Progress', 'Approved', 'Kyc Expired']);
	const expiredStatus = await until('the approval to expire', async () => {
		const data = await post('/kyc/status', { email });
		return !data.approved && data;
	});
	assert.deepEqual([expiredStatus.status, expiredStatus.session_status], ['expired', 'Kyc Expired']);
});

test('a failed event is retried after one minute and after four more, by the sandbox\'s clock', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	hook.answers.push(500, 404);
	const session = await sandbox.create();
	await hook.received(1);
	await sandbox.submit(session, 'approve'); // causes two more events, which the failed event does not delay
	await hook.received(3);
	for (const [seconds, n] of [[60, 4], [240, 5]]) {
		// If the sandbox has not processed the last answer yet, the clock must be advanced once more.
		await until('the next attempt', async () => {
			if (hook.events.length >= n) return true;
			await sandbox.advance(seconds);
			return false;
		}, 20_000);
	}
	const events = hook.events.map(({ raw, headers }) => ({ ...JSON.parse(raw), at: Number(headers['x-timestamp']) }));
	const attempts = events.filter(({ status }) => status === 'Not Started');
	assert.equal(events[1].event_id === events[0].event_id, false, 'later events are not delayed');
	assert.deepEqual(attempts.map(({ event_id }) => event_id), Array(attempts.length).fill(attempts[0].event_id));
	for (const event of hook.events) assert.deepEqual(hook.signatures(event), { raw: true, v2: true, simple: true });
});

test('each delivery attempt is listed, and a delivery can be sent again on demand', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	const other = await sandbox.addDestination(t);
	const pathOf = ({ uuid }) => `/v3/webhook/destinations/${uuid}/deliveries/`;
	const path = pathOf(hook);
	const listDeliveries = async (n, destination = hook) => {
		const page = await until(`${n} deliveries`, async () => {
			const { json } = await sandbox.call('GET', pathOf(destination));
			return json.count >= n && json;
		});
		assert.deepEqual([page.count, page.results.length], [n, n]);
		return page.results;
	};
	hook.answers.push(400); // a client error, so the sandbox does not retry
	const session = await sandbox.create({ metadata: { whole: 97.0, ratio: 0.1, timestamp: 7, text: '{"timestamp":7}' } });
	await sandbox.submit(session, 'review');
	const [last, , first] = await listDeliveries(3);
	assert.deepEqual([first.session_id, first.url, first.webhook_type, first.delivered, first.response_status], [session.session_id, hook.url, 'status.updated', false, 400]);
	assert.deepEqual([last.delivered, last.response_status], [true, 200]);
	assert.equal((await sandbox.call('GET', `${path}?limit=1&offset=1`)).json.next, `${sandbox.base}${path}?limit=1&offset=2`);
	const [delivered] = await hook.received(1);
	assert.equal(first.event_id, delivered.event_id);
	assert.deepEqual((await sandbox.call('GET', `${path}${first.uuid}/`)).json.payload, JSON.parse(delivered.raw));

	await sandbox.advance(3_600);
	await other.received(3);
	assert.equal((await sandbox.call('POST', `${path}${first.uuid}/resend/`)).http, 200);
	const resent = (await hook.received(4))[3];
	const { timestamp, ...rest } = JSON.parse(resent.raw);
	assert.ok(timestamp >= delivered.timestamp + 3_600 && resent.headers['x-timestamp'] >= timestamp);
	assert.deepEqual({ ...rest, timestamp: delivered.timestamp }, JSON.parse(delivered.raw));
	assert.ok((await listDeliveries(4))[0].delivered);
	assert.equal(other.events.length, 3, 'the other destination does not get it again');
	for (const [method, where] of [['GET', `${path}${session.session_id}/`], ['POST', `${path}${session.session_id}/resend/`], ['GET', `/v3/webhook/destinations/${session.session_id}/deliveries/`]])
		assert.equal((await sandbox.call(method, where)).http, 404);
	assert.equal((await sandbox.call('POST', `${pathOf(other)}${first.uuid}/resend/`)).http, 404);

	// An event of v1 has one signature only, and no event_id.
	const v1 = await sandbox.addDestination(t, 'v1');
	await sandbox.create();
	const [delivery] = await listDeliveries(1, v1);
	assert.deepEqual([delivery.event_id, delivery.webhook_type], [null, null]);
	assert.equal((await sandbox.call('POST', `${pathOf(v1)}${delivery.uuid}/resend/`)).http, 200);
	await until('the v1 event to be sent again', () => v1.events.length === 2);
	assert.deepEqual(v1.signatures(v1.events[1]), { raw: true, v2: false, simple: false });
});

test('faults apply to the events of every version', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	// Each event also goes to kycd's own /webhooks/didit, so every fault is set twice.
	await sandbox.injectFault('refuse', 2);
	await sandbox.create();
	await until('the event with wrong signatures', () => hook.events.length === 1);
	assert.deepEqual(hook.signatures(hook.events[0]), { raw: false, v2: false, simple: false });
	await sandbox.injectFault('twice', 2);
	await sandbox.create();
	await until('both copies of the event', () => hook.events.length === 3);
	assert.equal(hook.events[1].raw, hook.events[2].raw);
	await sandbox.injectFault('drop', 2);
	await sandbox.create();
	const last = await sandbox.create({ vendor_data: 'after the drop' });
	await until('the event after the dropped one', () => hook.events.length === 4);
	assert.equal(JSON.parse(hook.events[3].raw).session_id, last.session_id);
});

test('errors have the format of Didit\'s errors', async (t) => {
	const sandbox = await Sandbox.open(t);
	const unknownId = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';
	const rows = [
		['GET', `/v3/session/${unknownId}/decision/`, undefined, { 'x-api-key': 'other' }, 401, ['detail']],
		['GET', `/v3/session/${unknownId}/decision/`, undefined, {}, 403, ['detail']],
		['GET', `/v3/session/${unknownId}/decision/`, undefined, undefined, 404, ['detail']],
		['POST', '/v3/session/', {}, undefined, 400, ['workflow_id']],
		['POST', '/v3/session/', { workflow_id: FULL_WORKFLOW, sandbox_scenario: 'x' }, undefined, 400, ['sandbox_scenario']],
		['POST', '/v3/session/', '{', undefined, 400, ['detail']],
		['PATCH', `/v3/session/${unknownId}/update-status/`, { new_status: 'Approved' }, undefined, 404, ['detail']],
		['GET', `/v3/session/${unknownId}/generate-pdf/`, undefined, undefined, 404, ['detail']],
		['DELETE', `/v3/session/${unknownId}/delete/`, undefined, undefined, 404, ['detail']],
		['GET', '/v3/sessions/?status=Done', undefined, undefined, 400, ['status']],
		['GET', '/v3/nothing/', undefined, undefined, 404, ['detail']],
	];
	for (const [method, path, body, headers, http, members] of rows) {
		const answer = await sandbox.call(method, path, body, headers);
		assert.equal(answer.http, http, `${method} ${path}`);
		assert.deepEqual(Object.keys(answer.json), members, `${method} ${path}`);
	}
	// Didit's own sample for v1 reads `message`.
	const token = await call(`${sandbox.base}/auth/v2/token/`, { method: 'POST', body: 'grant_type=client_credentials&client_id=sandbox&client_secret=sandbox', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
	const refused = await sandbox.call('POST', '/v1/session/', {}, { authorization: `Bearer ${token.json.access_token}` });
	assert.deepEqual([refused.http, refused.json], [400, { callback: ['This field is required.'], message: 'callback: This field is required.' }]);
});

test('a path without its final slash is redirected to the path with it', async (t) => {
	const sandbox = await Sandbox.open(t);
	const answer = await sandbox.call('GET', '/v3/sessions?limit=1');
	assert.deepEqual([answer.http, answer.headers.location], [301, `${sandbox.base}/v3/sessions/?limit=1`]);
});

test('docs/sandbox.md lists the scenarios with their statuses and warnings', async (t) => {
	const sandbox = await Sandbox.open(t);
	const { scenarios } = (await sandbox.call('GET', '/v1/sandbox/scenarios/')).json;
	const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
	const rows = [...page.matchAll(/^\| `(\w+)` \| ([\w ]+) \| (?:`(\w+)` of `(\w+)`|–) \|$/gm)].map(([, slug, status, risk]) => [slug, status, risk ?? null]);
	assert.deepEqual(rows, scenarios.map(({ slug, status, warning }) => [slug, status, warning]));
	for (const [slug, status, risk] of rows) {
		const session = await sandbox.create({ sandbox_scenario: slug });
		assert.equal((await sandbox.submit(session)).status, status, slug);
		const decision = await sandbox.decision(session);
		const warnings = Object.values(decision).flatMap((value) => (Array.isArray(value) ? value : [])).flatMap((item) => item.warnings ?? []);
		assert.deepEqual(warnings.map((warning) => warning.risk), risk ? [risk] : [], slug);
	}
});
