// The audit log: every step of a person and every change of a key, tenant or quota adds a row with the actor, the action, the subject
// and the request.
import assert from 'node:assert/strict';
import test from 'node:test';
import { queryRows } from './lib/database.mjs';
import { App, expect, newEmail, wrongCode } from './lib/app.mjs';

const [KEY, OPERATOR, PROVIDER] = [1, 2, 4]; // domain/audit.h

test('every action of a caller, of an operator and of the provider adds its rows to the audit log', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const withRequestId = (id) => ({ headers: { 'x-request-id': id } });
	const key = app.key.slice(5, 13);

	expect(await app.prepare(email, withRequestId('step.prepare')), 201);
	expect(await app.send(email, withRequestId('step.send')), 201);
	const { code } = await app.mailServer.messageTo(email, 1);
	for (let n = 1; n <= 2; n++) expect(await app.verify(email, wrongCode(code, n), withRequestId('step.wrong')), 400, 'otp_invalid');
	expect(await app.verify(email, code, withRequestId('step.verify')), 200);
	app.didit.nextFaults = ['error'];
	expect(await app.create(email, withRequestId('step.failed')), 500);
	const { session_id } = expect(await app.create(email, withRequestId('step.create')), 201).data.session;
	expect(await app.create(email, withRequestId('step.resume')), 201);
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Approved'), 200);
	expect(await app.status(email, withRequestId('step.status')), 200);
	await app.server.run('tenant', 'set', 'shop', '--monthly-quota', '7');
	await app.server.run('key', 'revoke', key);

	const rows = queryRows(app, 'SELECT id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail FROM audit_entries ORDER BY id');
	const user = rows.find((row) => row.request_id === 'step.prepare').subject;
	const rowsOfRequest = (request) => rows.filter((row) => row.request_id === request);
	for (const [request, count] of [
		['step.prepare', 1], ['step.send', 1], ['step.verify', 1],
		['step.failed', 3], // quota unit reserved, session failed, quota unit returned
		['step.create', 2], // quota unit reserved, session created
		['step.wrong', 0], ['step.resume', 0], ['step.status', 0],
	]) {
		assert.equal(rowsOfRequest(request).length, count, `${request}: ${JSON.stringify(rowsOfRequest(request))}`);
		for (const row of rowsOfRequest(request)) assert.deepEqual([row.actor_kind, row.actor], [KEY, key], request);
	}
	const rowsByActor = (kind) => rows.filter((row) => row.actor_kind === kind);
	assert.deepEqual([...new Set(rowsByActor(PROVIDER).map((row) => row.detail))].sort(), ['Approved', 'applied']);
	assert.ok(rowsByActor(PROVIDER).every((row) => row.subject === user));
	assert.equal(rowsByActor(OPERATOR).length, 4, 'tenant added, key created, quota changed, key revoked');
	assert.deepEqual(rowsByActor(OPERATOR).filter((row) => row.subject === key).length, 2);
	assert.ok(rows.every((row) => Math.abs(Date.now() - row.at) < 60_000));
	assert.ok(!JSON.stringify(rows).includes('@') && !JSON.stringify(rows).includes(code) && !JSON.stringify(rows).includes(app.key));
});
