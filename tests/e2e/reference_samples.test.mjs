// Every sample of the API reference, in each language, runs as printed against a server. Only example values that must exist, such as
// ids, are replaced.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { App, UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { apiDescription, assertDescribed } from './lib/description.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);
const EXAMPLE_EMAIL = 'ana.exemplo@example.com';

/** Calls whose samples get an error that is described. */
const EXPECTED_TO_FAIL = ['prepareKycByWallet', 'getKycStatus', 'queryKycStatus', 'redeemVerificationLinkResult'];

const ENTITIES = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };
const unescape = (text) => text.replace(/&(lt|gt|quot|amp|#39);/g, (_, name) => ENTITIES[name]);

/** Returns the samples of the page: {operation, language, program}. */
function samplesOf(page) {
	return page.split('<article class="call" id="').slice(1).flatMap((part) =>
		[...part.matchAll(/data-language="(\w+)".*?<pre><code>(.*?)<\/code><\/pre>/gs)].map(([, language, program]) =>
			({ operation: part.slice(0, part.indexOf('"')), language, program: unescape(program) })));
}

/** Runs the program. Returns the HTTP status, and for curl the answer. */
const RUNNERS = {
	async curl(program, options) {
		const { stdout } = await exec('sh', ['-c', `${program} -w '\\n%{http_code} %{content_type}'`], options);
		const lines = stdout.split('\n');
		const [http, ...type] = lines.pop().split(' ');
		return { http: Number(http), type: type.join(' ') || undefined, text: lines.join('\n') };
	},
	async node(program, options) {
		const { stdout } = await exec('node', ['--input-type=module', '-e', program], options);
		return { http: Number.parseInt(stdout, 10), text: stdout };
	},
	async python(program, options) {
		const { stdout } = await exec('python3', ['-c', program], options);
		return { http: Number.parseInt(stdout, 10), text: stdout };
	},
};

const operations = Object.entries(apiDescription().paths).flatMap(([path, verbs]) =>
	Object.entries(verbs).map(([verb, operation]) => ({ path, method: verb.toUpperCase(), ...operation })));

/** What a sample needs so that it succeeds: replacements of its example values. */
class Examples {
	constructor(server) {
		this.server = server;
		this.endpointIds = [];
	}

	async post(path, body) {
		return expect(await this.server.call('POST', path, { body }), [200, 201]).json.data;
	}

	/** A person with an address that no other sample uses, prepared if the call expects it. */
	async person(operation) {
		const email = newEmail('sample');
		const data = operation === 'prepareKyc' ? {} : await this.post('/kyc/prepare', { email, include: 'user_id' });
		return { email, userId: data.user_id };
	}

	async code(email) {
		await this.post('/security/email/send-otp', { email });
		const message = await until('the e-mail to be in the inbox', async () => (await this.server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
		return /\b\d{6}\b/.exec(message.text)[0];
	}

	/** A new webhook endpoint. Only the last three are kept, because a tenant may have only a few. */
	async endpoint() {
		const { id } = await this.post('/v1/webhook-endpoints', { url: 'http://127.0.0.1:9/events', types: ['*'] });
		if (this.endpointIds.push(id) > 3) await this.server.call('DELETE', `/v1/webhook-endpoints/${this.endpointIds.shift()}`);
		return id;
	}

	async link() {
		return (await this.post('/v1/verification-links', {})).id;
	}

	/** Returns the program with values that exist. */
	async fill(operation, program) {
		const { email, userId } = await this.person(operation);
		const replacements = [[EXAMPLE_EMAIL, email]];
		if (['verifyEmailOtp', 'createKycSession'].includes(operation)) {
			const code = await this.code(email);
			if (operation === 'verifyEmailOtp') replacements.push(['493027', code]);
			else await this.post('/security/email/verify-otp', { email, code });
		}
		for (const [, found] of program.matchAll(/(usr_[0-9a-z]{26})/g)) replacements.push([found, userId]);
		for (const [, found] of program.matchAll(/(evt_[0-9a-z]{26})/g)) {
			const events = expect(await this.server.call('GET', '/v1/events'), 200).json.data.events;
			replacements.push([found, events[0].id]);
		}
		for (const [, found] of program.matchAll(/(we_[0-9a-z]{26})/g)) replacements.push([found, await this.endpoint()]);
		for (const [, found] of program.matchAll(/(vl_[0-9a-z]{26})/g)) replacements.push([found, await this.link()]);
		return replacements.reduce((text, [from, to]) => text.replaceAll(from, to), program);
	}
}

test('every call but the provider’s webhook has a sample in curl, Node.js and Python, and each runs as described', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const samples = samplesOf(await (await fetch(`${server.base}/docs`)).text());
	assert.equal(samples.length, 3 * (operations.length - 1), 'three for each call');
	const examples = new Examples(server);
	const statuses = {};
	for (const { operationId: operation, method, path, responses } of operations) {
		const filled = [];
		for (const sample of samples.filter((row) => row.operation === operation)) filled.push({ ...sample, program: await examples.fill(operation, sample.program) });
		await Promise.all(filled.map(async ({ language, program }) => {
			const answer = await RUNNERS[language](program, {});
			const label = `${operation} in ${language}: ${answer.text.slice(0, 300)}`;
			assert.ok(responses[answer.http] !== undefined, `${label}: ${answer.http} is not described`);
			if (language === 'curl') assertDescribed({ method, path: path.replace(/\{\w+\}/g, 'x'), ...answer });
			(statuses[operation] ??= []).push(answer.http);
		}));
	}
	assert.equal(Object.keys(statuses).length, operations.length - 1);
	for (const [operation, found] of Object.entries(statuses)) assert.equal(new Set(found).size, 1, `${operation}: ${found}`);
	// These need what only a person can make: a signature, a session, and the result of a link. All other samples succeed.
	const failing = Object.entries(statuses).filter(([, [http]]) => http >= 400).map(([operation]) => operation);
	t.diagnostic(JSON.stringify(statuses));
	assert.deepEqual(failing, EXPECTED_TO_FAIL);
});

test('outside of development mode the samples send the key from KYCD_API_KEY', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DOCS: '1' } });
	const samples = samplesOf((await app.call('GET', '/docs', { key: null })).text);
	for (const { operation, language, program } of samples.filter((sample) => ['prepareKyc', 'getQuota'].includes(sample.operation))) {
		const run = (key) => RUNNERS[language](program.replaceAll(EXAMPLE_EMAIL, newEmail('key')), { env: { ...process.env, KYCD_API_KEY: key } });
		assert.equal((await run(app.key)).http, operation === 'prepareKyc' ? 201 : 200, `${operation} in ${language}`);
		assert.equal((await run('kycd_wrong')).http, 401, `${operation} in ${language}`);
	}
});
