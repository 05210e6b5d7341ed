// Every step of a person and every change of a key, tenant or quota leaves its row: who, what, to whom, in which call.
import assert from 'node:assert/strict';
import test from 'node:test';
import { askRows } from './lib/database.mjs';
import { App, expect, newEmail, wrong } from './lib/app.mjs';

const [KEY, OPERATOR, PROVIDER] = [1, 2, 4]; // domain/audit.h

test('the trail of one person, an operator and a provider', async (t) => {
	const app = await App.open(t);
	const trail = () => askRows(app, 'SELECT * FROM audit_entries ORDER BY id');
	const email = newEmail();
	const named = (id) => ({ headers: { 'x-request-id': id } });
	const key = app.key.slice(5, 13);

	expect(await app.prepare(email, named('step.prepare')), 201);
	expect(await app.send(email, named('step.send')), 201);
	const { code } = await app.mailServer.messageTo(email, 1);
	for (let n = 1; n <= 2; n++) expect(await app.verify(email, wrong(code, n), named('step.wrong')), 400, 'otp_invalid');
	expect(await app.verify(email, code, named('step.verify')), 200);
	app.didit.next = ['error'];
	expect(await app.create(email, named('step.failed')), 500);
	const { session_id } = expect(await app.create(email, named('step.create')), 201).data.session;
	expect(await app.create(email, named('step.resume')), 201);
	expect(await app.didit.tell(app.server.base, session_id, 'Approved'), 200);
	expect(await app.status(email, named('step.status')), 200);
	await app.server.run('tenant', 'set', 'shop', '--monthly-quota', '7');
	await app.server.run('key', 'revoke', key);

	const rows = trail();
	const user = rows.find((row) => row.request_id === 'step.prepare').subject;
	const of = (request) => rows.filter((row) => row.request_id === request);
	for (const [request, acts] of [
		['step.prepare', 1], ['step.send', 1], ['step.verify', 1],
		['step.failed', 3], // the unit taken, the failure, the unit given back
		['step.create', 2], // the unit taken, the session
		['step.wrong', 0], ['step.resume', 0], ['step.status', 0],
	]) {
		assert.equal(of(request).length, acts, `${request}: ${JSON.stringify(of(request))}`);
		for (const row of of(request)) assert.deepEqual([row.actor_kind, row.actor], [KEY, key], request);
	}
	const by = (kind) => rows.filter((row) => row.actor_kind === kind);
	assert.deepEqual([...new Set(by(PROVIDER).map((row) => row.detail))].sort(), ['Approved', 'applied']);
	assert.ok(by(PROVIDER).every((row) => row.subject === user));
	assert.equal(by(OPERATOR).length, 4, 'tenant made, key made, quota changed, key revoked');
	assert.deepEqual(by(OPERATOR).filter((row) => row.subject === key).length, 2);
	assert.ok(rows.every((row) => Math.abs(Date.now() - row.at) < 60_000));
	assert.ok(!JSON.stringify(rows).includes('@') && !JSON.stringify(rows).includes(code) && !JSON.stringify(rows).includes(app.key));
});
