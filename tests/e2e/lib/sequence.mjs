// Runs a test that is a table of steps, each of which is a request with the expected answer:
//
//	{ name: 'the right code verifies the address', post: '/security/email/verify-otp', body: { email, code: '@code' },
//	  gets: 200, word: 'email_verified', data: {…}, keep: { session: 'data.session.session_id' } }
//
// `gets` is the HTTP status and `word` the member `status` of the answer. `keep` stores values of the answer by name. '@name', or
// '{@name}' inside a string, stands for a stored value. A step {do} calls a function instead of kycd; the members of the object
// that it returns are stored.
import assert from 'node:assert/strict';

/** Returns the value with all references to stored values replaced. */
function resolveReferences(value, kept) {
	if (typeof value === 'string' && value.startsWith('@')) {
		assert.ok(value.slice(1) in kept, `no step stored ${value}`);
		return kept[value.slice(1)];
	}
	if (typeof value === 'string') return value.replace(/\{@(\w+)\}/g, (_, name) => kept[name]);
	if (Array.isArray(value)) return value.map((item) => resolveReferences(item, kept));
	if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveReferences(item, kept)]));
	return value;
}

function valueAt(json, path) {
	return path.split('.').reduce((value, name) => value?.[name], json);
}

/** Runs the steps in order. `kept`: values stored before the first step. Returns all stored values. */
export async function runSteps(app, steps, kept = {}) {
	for (const step of steps) {
		if (step.do) {
			Object.assign(kept, (await step.do(kept)) ?? {});
			continue;
		}
		const method = step.post ? 'POST' : 'GET';
		const answer = await app.call(method, resolveReferences(step.post ?? step.get, kept), { body: resolveReferences(step.body, kept), ...step.with });
		const context = `${step.name}: ${answer.http} ${answer.text.slice(0, 500)}`;
		assert.equal(answer.http, step.gets, context);
		if (step.word) {
			assert.equal(answer.word, step.word, context);
			assert.equal(answer.json.statusCode, step.gets, context);
			assert.equal(answer.json.success, step.gets < 300, context);
		}
		if (step.message) assert.equal(answer.json.message, step.message, context);
		if (step.data === null) assert.equal('data' in answer.json, false, context);
		else if (step.data !== undefined) assert.deepEqual(answer.json.data, resolveReferences(step.data, kept), context);
		for (const [name, path] of Object.entries(step.keep ?? {})) {
			kept[name] = valueAt(answer.json, path);
			assert.notEqual(kept[name], undefined, `${context} has no ${path}`);
		}
	}
	return kept;
}
