// A story as a table of steps, to be read by anybody: what is done, by whom, and what is heard.
//
//	{ says: 'the right code proves the address', post: '/security/email/verify-otp', body: { email, code: '@code' },
//	  gets: 200, word: 'email_verified', data: {…}, keep: { session: 'data.session.session_id' } }
//
// '@name' stands for what an earlier step kept, or for what the story put into `kept`. `do` is a step of the world
// outside; what it gives is kept under its names.
import assert from 'node:assert/strict';

function filled(value, kept) {
	if (typeof value === 'string' && value.startsWith('@')) {
		assert.ok(value.slice(1) in kept, `${value} was kept by nobody`);
		return kept[value.slice(1)];
	}
	if (typeof value === 'string') return value.replace(/\{@(\w+)\}/g, (whole, name) => kept[name]);
	if (Array.isArray(value)) return value.map((item) => filled(item, kept));
	if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, kept)]));
	return value;
}

function at(answer, where) {
	return where.split('.').reduce((value, name) => value?.[name], answer);
}

export async function walk(app, steps, kept = {}) {
	for (const step of steps) {
		if (step.do) {
			Object.assign(kept, (await step.do(kept)) ?? {});
			continue;
		}
		const method = step.post ? 'POST' : 'GET';
		const answer = await app.call(method, filled(step.post ?? step.get, kept), { body: filled(step.body, kept), ...step.with });
		const heard = `${step.says}: ${answer.http} ${answer.text.slice(0, 500)}`;
		assert.equal(answer.http, step.gets, heard);
		if (step.word) {
			assert.equal(answer.word, step.word, heard);
			assert.equal(answer.json.statusCode, step.gets, heard);
			assert.equal(answer.json.success, step.gets < 300, heard);
		}
		if (step.message) assert.equal(answer.json.message, step.message, heard);
		if (step.data === null) assert.equal('data' in answer.json, false, heard);
		else if (step.data !== undefined) assert.deepEqual(answer.json.data, filled(step.data, kept), heard);
		for (const [name, where] of Object.entries(step.keep ?? {})) {
			kept[name] = at(answer.json, where);
			assert.notEqual(kept[name], undefined, `${heard} has no ${where}`);
		}
	}
	return kept;
}
