// The program itself beside a sandbox of its own: what happened while the one was down, the other tells when it is asked.
import assert from 'node:assert/strict';
import test from 'node:test';
import { StandaloneSandbox } from './lib/standalone_sandbox.mjs';
import { alter, ask } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { call, freePort } from './lib/http.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const SECRET = 'a secret of thirty-two bytes or more';
const MANY = 40;
/** As the rows have them. */
const NUMBERS = { 'Not Started': 1, 'In Review': 5, Approved: 6, Declined: 7 };

/** A server, and a Didit of its own that tells it of each change. */
async function beside(t) {
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
	app.query = (sql) => ask(app, sql);
	return { app, sandbox };
}

/** As if all that the program knows were so much older: the clock, seen from the other side. */
function grownOlder(app, seconds) {
	const ms = seconds * 1000;
	const back = (column) => `CASE WHEN ${column} > ${ms} THEN ${column} - ${ms} ELSE 0 END`;
	alter(app, `UPDATE heartbeats SET at = at - ${ms};
		UPDATE sessions SET created_at = created_at - ${ms}, last_update_at = last_update_at - ${ms}, next_poll_at = next_poll_at - ${ms}, provider_event_at = ${back('provider_event_at')}, last_poll_at = ${back('last_poll_at')}`);
}

const byStatus = (app) => app.query('SELECT status, count(*) FROM sessions GROUP BY status ORDER BY status').split('\n').join(' ');

test('down for 6 minutes, then for 3 days: all that changed meanwhile is right, each read once', async (t) => {
	const { app, sandbox } = await beside(t);
	const page = async ({ session_url }, scenario) => assert.equal((await call(`${session_url}/submit`, { method: 'POST', body: { scenario } })).http, 200);
	const byHand = async ({ session_id }, new_status) => assert.equal((await sandbox.call('PATCH', `/v3/session/${session_id}/update-status/`, { body: { new_status } })).http, 200, new_status);
	const all = await Promise.all(Array.from({ length: MANY }, async () => {
		const email = newEmail('outage');
		return { email, ...(await app.started(email)) };
	}));
	const early = all.slice(0, MANY / 4);
	for (const one of early) await page(one, 'approve');
	await until('the events of the approved', () => byStatus(app) === `1|${MANY - early.length} 6|${early.length}`);

	const outages = [
		{
			says: 'six minutes',
			seconds: 361,
			events: early.length + 2 * (MANY - early.length), // whoever goes through the page begins, and ends
			change: async (one, i) => {
				if (early.includes(one)) return byHand(one, 'Declined').then(() => 'Declined');
				const [scenario, status] = [['approve', 'Approved'], ['decline_face_match_low_similarity', 'Declined'], ['review_aml_possible_match', 'In Review']][i % 3];
				await page(one, scenario);
				return status;
			},
		},
		{ says: 'three days', seconds: 3 * 86400, events: MANY, change: async (one) => byHand(one, one.status === 'Approved' ? 'Declined' : 'Approved').then(() => (one.status === 'Approved' ? 'Declined' : 'Approved')) },
	];
	for (const { says, seconds, events, change } of outages) {
		const said = sandbox.log.length;
		await app.server.stop();
		for (const [i, one] of all.entries()) one.status = await change(one, i);
		// Didit tries three times in five minutes, and then forgets; also what it told before our answer to `create` was written.
		const lines = (part, log = sandbox.log) => log.split('\n').filter((line) => line.includes(part)).length;
		await until(`the first try of ${events} events`, () => lines(' attempt=1 will_retry=yes', sandbox.log.slice(said)) === events, 20_000);
		await until('all of them to be given up', async () => {
			await sandbox.call('POST', '/sandbox/clock/advance', { body: { seconds: 60 } });
			return lines(' attempt=3 will_retry=no') === lines(' attempt=1 will_retry=yes');
		}, 20_000);
		grownOlder(app, seconds);
		await app.server.start();
		const wanted = all.map((one) => `${one.session_id}|${NUMBERS[one.status]}`).sort().join();
		await until(`all to be right after ${says}`, () => app.query('SELECT provider_ref, status FROM sessions ORDER BY provider_ref').split('\n').join() === wanted, 20_000);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'read', outcome: 'ok' }), MANY, says);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'read' }), MANY, `${says}: none was refused`);
		for (const { email, status } of all) assert.equal(expect(await app.status(email), 200).data.session_status, status, says);
	}
});

test('an event is lost, and the person returns: right within two seconds', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 5; i++) {
		const email = newEmail('returns');
		const { session_id } = await app.started(email);
		app.didit.settle(session_id, 'Approved');
		const began = Date.now();
		expect(await app.call('GET', `/return?verificationSessionId=${session_id}&status=Approved`, { key: null }), 200);
		assert.equal((await app.status(email)).data.approved, true, 'before the page is there');
		assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
	}
});
