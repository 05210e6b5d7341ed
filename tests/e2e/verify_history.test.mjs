// Several tabs and devices, back and reload, and wrong codes on the hosted pages of a verification link: every page of it shows the
// state that the link has, and nothing is sent twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { expect, newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { PHONE, codeFor, createLink, doCheck, enterCode, openDevServer, post, sendCode, start, submit, wrongCode } from './lib/verification.mjs';

const advance = async (server, seconds) => expect(await server.call('POST', '/sandbox/clock/advance', { body: { seconds } }), 200);
const read = (server, link) => server.call('GET', link.path);
const location = (answer) => new URL(answer.headers.location, 'http://kycd.example');

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
	for (const page of [phone, computer, tab]) await page.locator('#result .mark.good').waitFor();
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
	await page.locator('#result .mark.good').waitFor();
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
