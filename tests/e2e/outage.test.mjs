// A server beside a standalone sandbox of Didit. Status changes whose webhook events were lost while the server was down are
// found by polling after its start.
import assert from 'node:assert/strict';
import test from 'node:test';
import { StandaloneSandbox } from './lib/standalone_sandbox.mjs';
import { executeSql, queryDatabase } from './lib/database.mjs';
import { renewSessionMacs } from './lib/session_macs.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { call, freePort } from './lib/http.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const SECRET = 'a secret of thirty-two bytes or more';
const SESSIONS = 40;
/** The numbers by which the table `sessions` stores a status. */
const STATUS_NUMBERS = { 'Not Started': 1, 'In Review': 5, Approved: 6, Declined: 7 };

/** Starts a server and a sandbox that sends it an event for each change. */
async function openWithSandbox(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	const app = await App.open(t, {
		didit: { version: 'v3' },
		settings: { KYCD_DIDIT_BASE_URL: base, KYCD_DIDIT_API_KEY: 'sandbox', KYCD_DIDIT_WORKFLOW_ID: '00000000-0000-4000-8000-000000000008', KYCD_DIDIT_WEBHOOK_SECRET: SECRET, KYCD_DIDIT_SESSION_HOSTS: `127.0.0.1:${port}` },
	});
	const sandbox = Object.assign(new StandaloneSandbox(folder, ['--webhook', `${app.server.base}/webhooks/didit`, '--webhook-secret', SECRET]), { port });
	t.after(() => sandbox.kill());
	await sandbox.start();
	app.query = (sql) => queryDatabase(app, sql);
	return { app, sandbox };
}

/** Simulates that time has passed: moves every stored moment back by `seconds`, because the server's clock cannot be moved. */
function ageDatabase(app, seconds) {
	const ms = seconds * 1000;
	const movedBack = (column) => `CASE WHEN ${column} > ${ms} THEN ${column} - ${ms} ELSE 0 END`;
	executeSql(app, `UPDATE heartbeats SET at = at - ${ms};
		UPDATE sessions SET created_at = created_at - ${ms}, last_update_at = last_update_at - ${ms}, next_poll_at = next_poll_at - ${ms}, provider_event_at = ${movedBack('provider_event_at')}, last_poll_at = ${movedBack('last_poll_at')}`);
	renewSessionMacs(app);
}

const countsByStatus = (app) => app.query('SELECT status, count(*) FROM sessions GROUP BY status ORDER BY status').split('\n').join(' ');

test('after 6 minutes and after 3 days of downtime every changed session is corrected with one poll each', async (t) => {
	const { app, sandbox } = await openWithSandbox(t);
	const finish = async ({ session_url }, scenario) => assert.equal((await call(`${session_url}/submit`, { method: 'POST', body: { scenario } })).http, 200);
	const review = async ({ session_id }, new_status) => assert.equal((await sandbox.call('PATCH', `/v3/session/${session_id}/update-status/`, { body: { new_status } })).http, 200, new_status);
	const sessions = await Promise.all(Array.from({ length: SESSIONS }, async () => {
		const email = newEmail('outage');
		return { email, ...(await app.startSession(email)) };
	}));
	const early = sessions.slice(0, SESSIONS / 4);
	for (const session of early) await finish(session, 'approve');
	await until('the events of the approved sessions to be applied', () => countsByStatus(app) === `1|${SESSIONS - early.length} 6|${early.length}`);

	const outages = [
		{
			name: 'six minutes',
			seconds: 361,
			events: early.length + 2 * (SESSIONS - early.length), // a person who uses the page causes two events: In Progress and the result
			change: async (session, i) => {
				if (early.includes(session)) return review(session, 'Declined').then(() => 'Declined');
				const [scenario, status] = [['approve', 'Approved'], ['decline_face_match_low_similarity', 'Declined'], ['review_aml_possible_match', 'In Review']][i % 3];
				await finish(session, scenario);
				return status;
			},
		},
		{ name: 'three days', seconds: 3 * 86400, events: SESSIONS, change: async (session) => review(session, session.status === 'Approved' ? 'Declined' : 'Approved').then(() => (session.status === 'Approved' ? 'Declined' : 'Approved')) },
	];
	for (const { name, seconds, events, change } of outages) {
		const logStart = sandbox.log.length;
		await app.server.stop();
		for (const [i, session] of sessions.entries()) session.status = await change(session, i);
		// Didit tries three times within five minutes and then gives the event up. This includes events that it sent before the
		// session was stored.
		const countLines = (part, log = sandbox.log) => log.split('\n').filter((line) => line.includes(part)).length;
		await until(`the first delivery attempt of ${events} events`, () => countLines(' attempt=1 will_retry=yes', sandbox.log.slice(logStart)) === events, 20_000);
		await until('the sandbox to give up all events', async () => {
			await sandbox.call('POST', '/sandbox/clock/advance', { body: { seconds: 60 } });
			return countLines(' attempt=3 will_retry=no') === countLines(' attempt=1 will_retry=yes');
		}, 20_000);
		ageDatabase(app, seconds);
		await app.server.start();
		const expected = sessions.map((session) => `${session.session_id}|${STATUS_NUMBERS[session.status]}`).sort().join();
		await until(`all sessions to have their new status after ${name}`, () => app.query('SELECT provider_ref, status FROM sessions ORDER BY provider_ref').split('\n').join() === expected, 20_000);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'read', outcome: 'ok' }), SESSIONS, name);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'read' }), SESSIONS, `${name}: no poll failed`);
		for (const { email, status } of sessions) assert.equal(expect(await app.status(email), 200).data.session_status, status, name);
	}
});

test('when an event is lost, the return page polls the session and the status is right within two seconds', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 5; i++) {
		const email = newEmail('returns');
		const { session_id } = await app.startSession(email);
		app.didit.setStatus(session_id, 'Approved');
		const startedAt = Date.now();
		expect(await app.call('GET', `/return?verificationSessionId=${session_id}&status=Approved`, { key: null }), 200);
		assert.equal((await app.status(email)).data.approved, true, 'the status was polled before the return page was answered');
		assert.ok(Date.now() - startedAt < 2000, `${Date.now() - startedAt} ms`);
	}
});
