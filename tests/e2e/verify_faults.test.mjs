// The hosted pages of a verification link when something goes wrong: links that do not work, several tabs and devices, back and
// reload, wrong codes, and servers that are down. Each has a page that says what to do.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { PHONE, codeFor, createLink, doCheck, enterCode, openDevServer, post, prove, proveByHttp, readLink, sendCode, start, submit, wrongCode } from './lib/verification.mjs';
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

test('two tabs and two devices follow the same state', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const email = newEmail();
	const link = await createLink(server);
	const phone = await browser.page({ ...PHONE, allow: [server.base] });
	const computer = await browser.page({ width: 1280, height: 800, allow: [server.base] });
	const tab = await phone.context().newPage();

	await start(phone, link);
	await computer.goto(link.url);
	await computer.locator('#email').waitFor();
	await tab.goto(link.url);
	await sendCode(phone, email);
	await computer.locator('#code').waitFor();
	await tab.locator('#code').waitFor();
	assert.ok(!(await computer.content()).includes(email), 'another device sees the address masked');
	const code = await codeFor(server, email);
	await enterCode(computer, code);
	await phone.locator('form[action*="/check?"]').waitFor();
	const again = await post(server, link, 'code', { code });
	assert.deepEqual([again.http, location(again).searchParams.get('error')], [303, null], 'the same code again leads to the current step');
	await submit(phone, 'check');
	await phone.locator('button[value=approve]').click();
	for (const page of [phone, computer, tab]) await page.locator('.mark.good').waitFor();
});

test('back and reload in each step show a page of the link, and send nothing again', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	const posts = [];
	page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname));
	/** Reloads, goes back and forth. The page must be one of the link, and no form may be sent. */
	const disturb = async (name) => {
		const before = posts.length;
		for (const move of [() => page.reload(), () => page.goBack(), () => page.goForward()]) {
			await move();
			if (page.url() === 'about:blank') continue;
			assert.equal(await page.locator('h1').count(), 1, `${name}: ${page.url()}`);
		}
		await page.goto(link.url);
		assert.equal(posts.length, before, `${name}: ${posts}`);
	};
	await page.goto(link.url);
	await disturb('welcome');
	await submit(page, 'start');
	await disturb('address');
	await submit(page, 'email');
	await page.locator('#email[aria-invalid=true]').waitFor();
	await disturb('address with an error');
	await sendCode(page, email);
	await disturb('code');
	const code = await codeFor(server, email);
	await enterCode(page, wrongCode(code));
	await page.locator('#code[aria-invalid=true]').waitFor();
	await disturb('code with an error');
	await enterCode(page, code);
	await page.locator('form[action*="/check?"]').waitFor();
	await disturb('check');
	await submit(page, 'check');
	await page.locator('button[value=approve]').waitFor();
	await page.goBack();
	await page.locator('form[action*="/check?"]').waitFor();
	await doCheck(page);
	await page.locator('.mark.good').waitFor();
	await disturb('result');
	assert.equal((await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages.length, 1, 'one code was sent');
});

test('wrong codes lock the code; a new one can be requested after the wait that the page names', async (t) => {
	const server = await openDevServer(t, { KYCD_OTP_SEND_BURST: 1, KYCD_OTP_SEND_EVERY: 60 });
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, scripts: false, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	await start(page, link);
	await sendCode(page, email);
	const code = await codeFor(server, email);
	for (let i = 0; i < 5; i++) await enterCode(page, wrongCode(code));
	for (let i = 0; i < 3 && (await page.locator('#code').count()); i++) await enterCode(page, code);
	assert.equal(await page.locator('#code').count(), 0, 'a locked code cannot be entered');
	assert.match(await page.locator('main').innerText(), /too often/);
	await submit(page, 'resend');
	const times = await page.locator('[role=alert] time, #resend-wait time').allInnerTexts();
	assert.ok(times.length >= 1 && times.every((time) => /^\d\d:\d\d UTC$/.test(time)), times.join());
	await advance(server, 61);
	await submit(page, 'resend');
	await page.locator('#code').waitFor();
	await enterCode(page, await codeFor(server, email, [code]));
	await page.locator('form[action*="/check?"]').waitFor();
});

test('a code that expired is told, and another one can be requested', async (t) => {
	const server = await openDevServer(t);
	const email = newEmail();
	const link = await createLink(server);
	await post(server, link, 'start');
	await post(server, link, 'email', { email });
	const code = await codeFor(server, email);
	await advance(server, 601);
	assert.equal(location(await post(server, link, 'code', { code })).searchParams.get('error'), 'code_expired');
	assert.match((await read(server, link)).text, /no longer valid/);
	await post(server, link, 'resend');
	await post(server, link, 'code', { code: await codeFor(server, email, [code]) });
	assert.match((await read(server, link)).text, /\/check\?/);
});

test('a mail server that is down has a page that says what to do', async (t) => {
	const app = await App.open(t, { mailServer: { closed: true } });
	const link = await createLink(app.server, {}, { headers: { 'x-api-key': app.key } });
	await post(app.server, link, 'start');
	const target = await until('the mail server to count as down', async () => {
		const url = location(await post(app.server, link, 'email', { email: newEmail() }));
		return url.searchParams.get('error') === 'mail_down' ? url : false;
	}, 120_000);
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
	await page.locator('.mark.good').waitFor();
});

test('each result says what it means and offers what the rules allow', async (t) => {
	const server = await openDevServer(t, { KYCD_TRIES: '1/30d' });
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	await prove(server, page, link, email);
	await doCheck(page, 'decline');
	await page.locator('.mark.bad').waitFor();
	await submit(page, 'check');
	await page.locator('button[value=decline]').click();
	await page.locator('.mark.bad').waitFor();
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
	await page.locator('.mark.good').waitFor();
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
