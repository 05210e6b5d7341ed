// The hosted pages of a verification link when something goes wrong: links that do not work, servers that are down, results that
// are no approval, too many requests. Each has a page that says what to do.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { freePort } from './lib/http.mjs';
import { PHONE, codeFor, createLink, doCheck, enterCode, openDevServer, post, prove, proveByHttp, readLink, sendCode, start, submit } from './lib/verification.mjs';
import { until } from './lib/wait.mjs';

const WEEK = 7 * 86_400;
const advance = async (server, seconds) => expect(await server.call('POST', '/sandbox/clock/advance', { body: { seconds } }), 200);
const read = (server, link, headers) => server.call('GET', link.path, { headers });
const location = (answer) => new URL(answer.headers.location, 'http://kycd.example');

test('a link that is expired, revoked or unknown has a page that says so', async (t) => {
	const server = await openDevServer(t);
	const [revoked, expired] = [await createLink(server), await createLink(server)];
	const token = expired.path.split('/').pop();
	const guesses = [randomBytes(32).toString('base64url'), token.slice(0, -1), `${token}A`, token.toUpperCase(), token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')), '..', '%00', "'or'1'='1", 'x'.repeat(500)];
	for (const guess of guesses) {
		const answer = await server.call('GET', `/verify/${encodeURIComponent(guess)}`);
		assert.equal(answer.http, guess === '..' ? answer.http : 404, guess);
		if (guess !== '..') assert.match(answer.text, /This link does not exist/);
		assert.equal((await server.call('GET', `/verify/${encodeURIComponent(guess)}/state`)).http, 404, guess);
		assert.ok([303, 404].includes((await post(server, { path: `/verify/${encodeURIComponent(guess)}` }, 'start')).http), guess);
	}
	expect(await server.call('DELETE', `/v1/verification-links/${revoked.id}`), 200);
	assert.equal((await read(server, revoked)).http, 410);
	assert.match((await read(server, revoked)).text, /no longer valid/);
	await advance(server, WEEK);
	const gone = await read(server, expired);
	assert.equal(gone.http, 410);
	assert.match(gone.text, /has expired/);
	for (const link of [revoked, expired]) {
		assert.equal((await server.call('GET', `${link.path}/state`)).http, 410);
		assert.equal((await server.call('HEAD', link.path)).http, 410);
		for (const action of ['start', 'email', 'code', 'resend', 'challenge', 'signature', 'check', 'return']) {
			const answer = await post(server, link, action, { email: newEmail(), code: '123456', wallet: `0x${'1'.repeat(40)}`, signature: '0x00' });
			assert.equal(answer.http, 303, action);
			assert.equal(location(answer).pathname, link.path, `${action} leads to the page`);
		}
	}
});

test('opening a link changes nothing, and a form is not accepted in another format', async (t) => {
	const server = await openDevServer(t);
	const email = newEmail();
	const link = await createLink(server, { email });
	for (const where of ['', '?step=address', '?lang=de', '/start', '/email', '/code', '/check', '/return', '/state']) {
		for (const method of ['GET', 'HEAD']) assert.ok((await server.call(method, link.path + where)).http < 400, `${method} ${where}`);
	}
	assert.match((await read(server, link)).text, /action="[^"]*\/start\?/, 'the first page is still shown');
	assert.deepEqual((await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages, []);
	assert.equal((await server.call('POST', `${link.path}/email`, { body: { email } })).http, 415);
	assert.equal((await server.call('POST', `${link.path}/email`, { body: `email=${'x'.repeat(70_000)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).http, 413);
	assert.equal((await server.call('PUT', link.path)).http, 405);
});

test('every page has the headers of a page that nobody else may see, and its forms lead only where they must', async (t) => {
	const server = await openDevServer(t);
	const email = newEmail();
	const link = await createLink(server, { return_url: 'https://shop.example:8443/done?a=1#end' });
	const formTargets = async () => {
		const { headers } = await read(server, link);
		assert.equal(headers['cache-control'], 'no-store');
		assert.equal(headers['referrer-policy'], 'no-referrer');
		assert.equal(headers['set-cookie'], undefined);
		const policy = Object.fromEntries(headers['content-security-policy'].split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]));
		assert.deepEqual([policy['default-src'], policy['base-uri'], policy['frame-ancestors']], [["'none'"], ["'none'"], ["'none'"]]);
		assert.ok(!headers['content-security-policy'].includes('unsafe'));
		return policy['form-action'];
	};
	assert.deepEqual(await formTargets(), ["'self'"]);
	await proveByHttp(server, link, email);
	const check = await formTargets();
	assert.ok(check.includes('verify.didit.me:*'), check.join(' '));
	assert.ok(!check.some((source) => source.includes('shop.example')));
	const session = location(await post(server, link, 'check'));
	expect(await server.call('POST', `${session.pathname}/submit`, { body: { scenario: 'approve' } }), 200);
	await until('the result', async () => (await readLink(server, link)).state === 'completed');
	assert.deepEqual(await formTargets(), ["'self'", 'https://shop.example:8443']);
	const back = location(await post(server, link, 'return'));
	assert.deepEqual([back.origin, back.pathname, back.hash, back.searchParams.get('a'), back.searchParams.get('link_id')], ['https://shop.example:8443', '/done', '#end', '1', link.id]);
	const result = back.searchParams.get('result');
	const redeem = () => server.call('POST', `/v1/verification-links/${link.id}/result`, { body: { result } });
	assert.equal(expect(await redeem(), 200).data.status, 'approved');
	assert.equal((await redeem()).http, 404, 'a result is redeemed once');
});

test('a mail server that is down has a page that says what to do', async (t) => {
	const app = await App.open(t, { mailServer: { closed: true }, settings: { KYCD_SMTP_URL: `smtp://127.0.0.1:${await freePort()}` } });
	const link = await createLink(app.server, {}, { headers: { 'x-api-key': app.key } });
	await post(app.server, link, 'start');
	await post(app.server, link, 'email', { email: newEmail() });
	await until('the mail server to count as down', () => /event=mail_down/.test(app.server.log), 90_000);
	const target = location(await post(app.server, link, 'email', { email: newEmail() }));
	assert.equal(target.searchParams.get('error'), 'mail_down');
	const { text } = await app.server.call('GET', target.pathname + target.search);
	assert.match(text, /role="alert"/);
	assert.match(text, /Try again in a few minutes/);
});

test('a provider that is down has a page that says what to do, and the check goes on afterwards', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	await prove(server, page, link, email);
	expect(await server.call('POST', '/sandbox/faults', { body: { what: 'error', times: 10 } }), 200);
	await submit(page, 'check');
	await page.getByRole('alert').waitFor();
	assert.match(await page.getByRole('alert').innerText(), /cannot be started at the moment/);
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	await until('the provider to be back', async () => {
		await page.goto(link.url);
		await submit(page, 'check');
		return (await page.locator('button[value=approve]').count()) > 0;
	}, 60_000);
	await page.locator('button[value=approve]').click();
	await page.locator('#result .mark.good').waitFor();
});

test('each result says what it means and offers what the rules allow', async (t) => {
	const server = await openDevServer(t, { KYCD_TRIES: '1/30d' });
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	await prove(server, page, link, email);
	await doCheck(page, 'decline');
	await page.locator('#result .mark.bad').waitFor();
	await submit(page, 'check');
	await page.locator('button[value=decline]').click();
	await page.locator('#result .mark.bad').waitFor();
	await page.waitForLoadState('load');
	assert.equal(await page.locator('form[action*="/check?"]').count(), 0, 'no further try is offered');
	assert.match(await page.locator('#result').innerText(), /try again on|No further try/);
	assert.deepEqual(await browser.accessibilityErrors(page), []);

	const other = newEmail();
	const inReview = await createLink(server);
	await prove(server, page, inReview, other);
	await doCheck(page, 'review');
	await page.locator('#result h1', { hasText: 'in review' }).waitFor();
	assert.equal((await readLink(server, inReview)).state, 'open');
	assert.equal(await page.locator('#result').getAttribute('role'), 'status');
});

test('no token, address or code is in the log or in a referrer', async (t) => {
	const server = await openDevServer(t, { KYCD_LOG: 'debug' });
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const referrers = [];
	page.on('request', async (request) => referrers.push((await request.allHeaders()).referer));
	const email = newEmail('secret.person');
	const link = await createLink(server, { email });
	await start(page, link);
	await sendCode(page);
	const code = await codeFor(server, email);
	await enterCode(page, code);
	await page.locator('form[action*="/check?"]').waitFor();
	await doCheck(page);
	await page.locator('#result .mark.good').waitFor();
	assert.deepEqual(page.blockedUrls, []);
	assert.ok(!server.log.includes(link.path.split('/').pop()), 'the token is not in the log');
	assert.ok(!server.log.includes(email) && !server.log.includes('secret.person'));
	assert.ok(server.log.includes('/verify/:token'), 'the log names the route');
	assert.ok(referrers.every((referrer) => !referrer?.includes('/verify/')), referrers.join());
});

test('too many requests from one address are answered with a page that says when to go on', async (t) => {
	const server = await openDevServer(t, { KYCD_RATE_PER_SECOND: 1, KYCD_RATE_PER_MINUTE: 1 });
	const link = { path: `/verify/${randomBytes(32).toString('base64url')}` };
	const answers = [];
	for (let i = 0; i < 20; i++) answers.push(await read(server, link));
	const limited = answers.find(({ http }) => http === 429);
	assert.ok(limited, answers.map(({ http }) => http).join());
	assert.match(limited.text, /Wait a minute/);
	assert.ok(Number(limited.headers['retry-after']) >= 1);
});
