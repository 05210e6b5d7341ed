// A published client library of Didit's v3 API works with the sandbox when only its base URL is changed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { FULL_WORKFLOW, Sandbox } from './lib/sandbox.mjs';

const didit = createRequire(import.meta.url)('didit-node-client');
const { DiditClient } = didit;
const UNKNOWN_ID = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';

const clientOf = (sandbox, more = {}) => new DiditClient({ apiKey: 'sandbox', baseUrl: sandbox.base, maxRetries: 0, ...more });

test('create returns a session, returns the same one while it is open, and retrieve returns its decision', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const session = await client.sessions.create({
		workflow_id: FULL_WORKFLOW, vendor_data: 'user-42', callback: 'https://app.example.com/kyc/done', metadata: { plan: 'basic' },
		language: 'es', contact_details: { email: 'ana.exemplo@example.com', phone: '+351910000000', email_lang: 'pt' },
		expected_details: { first_name: 'Ana', expected_document_types: ['P'] }, portrait_image: Buffer.from('not a face'),
	});
	assert.equal(session.status, 'Not Started');
	const reused = await client.sessions.create({ workflow_id: FULL_WORKFLOW, vendor_data: 'user-42', callback: 'https://app.example.com/other' });
	assert.equal(reused.session_id, session.session_id);
	assert.equal(reused.callback, 'https://app.example.com/other');
	assert.deepEqual(reused.metadata, { plan: 'basic' });
	assert.equal((await client.sessions.retrieve(session.session_id)).id_verifications, null);

	await sandbox.submit(session, 'decline_document_blocklist');
	const decision = await client.sessions.retrieve(session.session_id);
	assert.equal(decision.status, 'Declined');
	assert.equal(decision.id_verifications[0].warnings[0].risk, 'ID_DOCUMENT_IN_BLOCKLIST');
	assert.deepEqual(decision.expected_details, { first_name: 'Ana', expected_document_types: ['P'] });
	assert.notEqual((await client.sessions.create({ workflow_id: FULL_WORKFLOW, vendor_data: 'user-42' })).session_id, session.session_id);
});

test('list returns the sessions page by page, and can filter them', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const sessions = [];
	for (let i = 0; i < 7; i++) sessions.push(await client.sessions.create({ workflow_id: FULL_WORKFLOW, vendor_data: `user & ${i % 2}` + (i < 2 ? '' : ` ${i}`) }));
	const page = await client.sessions.list({ limit: 3 });
	assert.equal(page.count, 7);
	assert.deepEqual(page.results.map(({ session_id }) => session_id), sessions.slice(4).reverse().map(({ session_id }) => session_id));
	const seen = [];
	for await (const session of client.sessions.listAll({ limit: 3 })) seen.push(session.session_id);
	assert.deepEqual(seen, sessions.map(({ session_id }) => session_id).reverse());
	const filtered = await client.sessions.list({ vendor_data: 'user & 1', status: ['Not Started', 'In Progress'] });
	assert.deepEqual(filtered.results.map(({ session_id }) => session_id), [sessions[1].session_id]);
	assert.equal((await client.sessions.list({ status: 'Approved' })).count, 0);
});

test('updateStatus changes the status, and generatePdf returns a report', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const session = await client.sessions.create({ workflow_id: FULL_WORKFLOW });
	await sandbox.submit(session, 'review');
	assert.deepEqual(await client.sessions.updateStatus(session.session_id, { new_status: 'Approved', comment: 'ok', send_email: true, email_address: 'ana.exemplo@example.com' }), { session_id: session.session_id });
	assert.equal((await client.sessions.retrieve(session.session_id)).status, 'Approved');
	const pdf = await client.sessions.generatePdf(session.session_id);
	assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
	assert.match(pdf.toString('latin1'), /\/Count 1\b[\s\S]*%%EOF\s*$/);
});

test('updateData accepts codes of document types, and updatePoaData corrects the proof of address', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const session = await client.sessions.create({ workflow_id: FULL_WORKFLOW });
	await sandbox.submit(session, 'approve');
	for (const [code, name] of [['P', 'Passport'], ['ID', 'Identity Card'], ['DL', 'Driver\'s License']]) {
		await client.sessions.updateData(session.session_id, { document_type: code, first_name: 'Eva' });
		const [document] = (await client.sessions.retrieve(session.session_id)).id_verifications;
		assert.deepEqual([document.document_type, document.first_name], [name, 'Eva']);
	}
	await client.sessions.updatePoaData(session.session_id, { issuer: 'Light & Power' });
	assert.equal((await client.sessions.retrieve(session.session_id)).poa_verifications[0].issuer, 'Light & Power');
});

/** Sends a v3 request that the client library does not have, and returns the JSON of its answer. */
async function callV3(sandbox, method, where, http, body) {
	const response = await fetch(`${sandbox.base}/v3${where}`, {
		method,
		headers: { 'x-api-key': 'sandbox', 'Content-Type': 'application/json' },
		body: body && JSON.stringify(body),
	});
	const text = await response.text();
	assert.equal(response.status, http, `${method} ${where}: ${text}`);
	return text ? JSON.parse(text) : undefined;
}

test('a workflow is created, its session is armed, decided and deleted', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const workflow = await callV3(sandbox, 'POST', '/workflows/', 201, { workflow_label: 'Shop', features: [{ feature: 'OCR' }, { feature: 'LIVENESS' }, { feature: 'AML' }] });
	assert.equal((await callV3(sandbox, 'GET', '/workflows/', 200)).results[0].uuid, workflow.uuid);
	const session = await client.sessions.create({ workflow_id: workflow.uuid });
	await callV3(sandbox, 'POST', `/session/${session.session_id}/sandbox/arm/`, 200, { scenario: 'review_aml_possible_match' });
	await sandbox.submit(session);
	const decision = await client.sessions.retrieve(session.session_id);
	assert.equal(decision.status, 'In Review');
	assert.deepEqual(decision.features, ['ID_VERIFICATION', 'LIVENESS', 'AML', 'IP_ANALYSIS']);
	assert.equal(decision.poa_verifications, null);

	const other = await client.sessions.create({ workflow_id: workflow.uuid });
	assert.deepEqual(await callV3(sandbox, 'DELETE', `/session/${session.session_id}/delete/`, 200, { retain_face_embeddings: false }), {
		session_id: session.session_id, session_number: session.session_number, face_retention_outcome: 'deleted', biometric_template_uuid: null,
		biometric_template_expires_at: null, deleted_child_verifications: 0,
	});
	const { results } = await callV3(sandbox, 'POST', '/sessions/delete/', 200, { session_numbers: [String(session.session_number), other.session_number] });
	assert.deepEqual(results.map(({ session_id, face_retention_outcome }) => [session_id, face_retention_outcome]), [[other.session_id, 'none']]);
	await callV3(sandbox, 'DELETE', `/workflows/${workflow.uuid}/`, 204);
	await callV3(sandbox, 'GET', `/workflows/${workflow.uuid}/`, 404);
});

test('each error status raises the client\'s error class for it', async (t) => {
	const sandbox = await Sandbox.open(t);
	const client = clientOf(sandbox);
	const open = await client.sessions.create({ workflow_id: FULL_WORKFLOW });
	const rows = [
		[() => client.sessions.create({ workflow_id: 'seven' }), didit.DiditValidationError, 400, /workflow_id/],
		[() => client.sessions.updateStatus(open.session_id, { new_status: 'Approved' }), didit.DiditValidationError, 400, /status/],
		[() => clientOf(sandbox, { apiKey: 'other' }).sessions.list(), didit.DiditAuthenticationError, 401, /key/],
		[() => client.sessions.generatePdf(open.session_id), didit.DiditAuthenticationError, 403, /permission/],
		[() => client.sessions.retrieve(UNKNOWN_ID), didit.DiditNotFoundError, 404, /Not found/],
	];
	for (const [run, kind, status, message] of rows)
		await assert.rejects(run, (error) => error instanceof kind && error.status === status && message.test(error.message), `${status}`);

	for (let i = 0; i < 50; i++) await client.sessions.generatePdf(UNKNOWN_ID).catch(() => {});
	await assert.rejects(() => client.sessions.generatePdf(UNKNOWN_ID), (error) => {
		assert.ok(error instanceof didit.DiditRateLimitError, error.message);
		assert.ok(error.retryAfter >= 1 && error.retryAfter <= 60);
		assert.deepEqual([error.limit, error.remaining], [50, 0]);
		assert.ok(error.reset * 1000 > Date.now());
		return true;
	});
	await sandbox.advance(60);
	await assert.rejects(() => client.sessions.generatePdf(UNKNOWN_ID), didit.DiditNotFoundError);
	await sandbox.injectFault('error');
	await assert.rejects(() => client.sessions.list(), didit.DiditServerError);
});

test('the client accepts each webhook signature, and refuses another secret', async (t) => {
	const sandbox = await Sandbox.open(t);
	const hook = await sandbox.addDestination(t);
	const session = await sandbox.create({ metadata: { ratio: 1.5, name: 'José Ñandú 😀' } });
	await sandbox.submit(session, 'approve');
	await hook.received(3);
	const client = clientOf(sandbox, { webhookSecret: hook.secret });
	for (const { raw, headers } of hook.events) {
		const { 'x-signature': plain, 'x-signature-v2': v2, 'x-signature-simple': simple, ...rest } = headers;
		const checked = client.webhooks.constructEvent(raw, headers);
		assert.deepEqual([checked.verifiedWith, checked.event.session_id], ['v2', session.session_id]);
		assert.equal(client.webhooks.constructEvent(JSON.stringify(JSON.parse(raw), null, 1), { ...rest, 'x-signature-v2': v2 }).verifiedWith, 'v2');
		assert.equal(client.webhooks.constructEvent(raw, { ...rest, 'x-signature': plain }).verifiedWith, 'raw');
		// For X-Signature-Simple the client reads the time from X-Timestamp (when the event was sent), but the signature covers
		// the timestamp in the body (when it was created). So the test sends the body's timestamp as X-Timestamp.
		const createdAt = { 'x-timestamp': String(JSON.parse(raw).timestamp) };
		assert.equal(client.webhooks.constructEvent(raw, { ...rest, ...createdAt, 'x-signature-simple': simple }).verifiedWith, 'simple');
		const withOtherSecret = clientOf(sandbox, { webhookSecret: `${hook.secret.slice(1)}x` });
		assert.throws(() => withOtherSecret.webhooks.constructEvent(raw, headers), didit.DiditWebhookSignatureError);
	}
});
