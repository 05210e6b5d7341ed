// What the pages of verification links must not do for an attacker: forms of other sites, markup and header injection, redirects to
// other sites, frames, caches, and what a guessed or foreign link tells.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { once } from 'node:events';
import { UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { codeFor, createLink, openDevServer, post, proveByHttp, readLink } from './lib/verification.mjs';

const FORM = 'application/x-www-form-urlencoded';
const policyOf = (answer) => Object.fromEntries(answer.headers['content-security-policy'].split('; ').map((row) => [row.split(' ')[0], row.split(' ').slice(1)]));

test('a form of another site does nothing, in any browser that says where it comes from', async (t) => {
	const server = await openDevServer(t);
	const link = await createLink(server);
	for (const site of ['cross-site', 'same-site', 'nonsense'])
		for (const action of ['start', 'email', 'code', 'resend', 'challenge', 'signature', 'check', 'return']) {
			const answer = await server.call('POST', `${link.path}/${action}`, { body: `email=${newEmail()}&consent=yes`, headers: { 'content-type': FORM, 'sec-fetch-site': site } });
			assert.deepEqual([answer.http, answer.headers.location.split('?')[0]], [303, link.path], `${action} from ${site}`);
		}
	assert.match((await server.call('GET', link.path)).text, /\/start\?/, 'the link is still at its first step');

	// A page of another site, in a browser: its form leads to the link's page, where the person sees what is asked.
	const attacker = http.createServer((request, response) => response.setHeader('content-type', 'text/html').end(`<form method="post" action="${link.url}/start"></form><script>document.forms[0].submit()</script>`)).listen(0, 'localhost');
	t.after(() => attacker.close());
	await once(attacker, 'listening');
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: ['http://'] });
	await page.goto(`http://localhost:${attacker.address().port}/`);
	await page.waitForURL(`${link.url}**`);
	await page.locator('form[action*="/start?"]').waitFor();
	await page.locator('form[action*="/start?"] button').click();
	await page.locator('#email').waitFor();
});

test('markup and line breaks in what a request says are text, and start no header', async (t) => {
	const server = await openDevServer(t);
	const link = await createLink(server);
	const markup = '"><script>alert(1)</script>';
	const breaks = 'a\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>';
	for (const text of [markup, breaks, 'javascript:alert(1)', '//evil.example', '\\evil.example'].map(encodeURIComponent)) {
		for (const where of [`?lang=${text}`, `?step=${text}`, `?error=${text}`, `?error=email_invalid&at=${text}`, `/${text}`, `/state?lang=${text}`]) {
			const answer = await server.call('GET', link.path + where);
			assert.ok(!answer.text.includes('<script>alert'), where);
			assert.equal(answer.headers['set-cookie'], undefined, where);
			if (answer.headers.location) assert.ok(answer.headers.location.startsWith(`${link.path}?lang=en`), answer.headers.location);
		}
		const unknown = await server.call('GET', `/verify/${text}`);
		assert.ok(!unknown.text.includes('<script>alert'), text);
		for (const action of ['start', 'email', 'code', 'challenge', 'signature']) {
			const answer = await server.call('POST', `${link.path}/${action}?lang=${text}`, { body: `email=${text}&code=${text}&wallet=${text}&signature=${text}&text=${text}`, headers: { 'content-type': FORM } });
			assert.equal(answer.http, 303, action);
			assert.ok(answer.headers.location.startsWith(`${link.path}?lang=en`), answer.headers.location);
		}
	}
});

test('a return URL leads to no other place, and extends no policy', async (t) => {
	const server = await openDevServer(t);
	const refused = ['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/path', 'https://', 'ftp://shop.example', 'https://a:b@shop.example/', 'https://shop.example@evil.example/', 'https://shop.example\\@evil.example/',
		'https://shop.example/\r\nSet-Cookie: a=b', 'https://shop.example; script-src *', 'https://shop.example;script-src/', 'https://*/', 'https://shop.example,evil.example/', 'https://shop.example /', `https://shop.example/${'a'.repeat(513)}`];
	for (const return_url of refused) expect(await server.call('POST', '/v1/verification-links', { body: { return_url } }), 400);

	const link = await createLink(server, { return_url: 'https://shop.example/done?order=1#top' });
	const email = newEmail();
	await proveByHttp(server, link, email);
	const answer = await post(server, link, 'return');
	const location = new URL(answer.headers.location);
	assert.deepEqual([location.origin, location.pathname, location.searchParams.get('order'), location.searchParams.get('link_id'), location.hash], ['https://shop.example', '/done', '1', link.id, '#top']);
	assert.ok(!answer.headers.location.includes(link.path.split('/').at(-1)), 'the way back does not carry the token of the link');
	for (const path of [link.path, `${link.path}?step=result`]) {
		const policy = policyOf(await server.call('GET', path));
		assert.deepEqual([policy['script-src'], policy['default-src'], policy['frame-ancestors'], policy['base-uri']], [["'self'"], ["'none'"], ["'none'"], ["'none'"]]);
		assert.deepEqual(policy['img-src'], ["'self'"], 'no data: URLs, also not for the icons of wallets');
	}
});

test('no page, redirect or state is cached, framed or sniffed', async (t) => {
	const server = await openDevServer(t);
	const link = await createLink(server);
	const email = newEmail();
	const check = (answer, name) => {
		assert.equal(answer.headers['cache-control'], 'no-store', name);
		assert.equal(answer.headers['x-content-type-options'], 'nosniff', name);
		if (answer.headers['content-type']?.startsWith('text/html')) {
			assert.equal(answer.headers['referrer-policy'], 'no-referrer', name);
			assert.deepEqual(policyOf(answer)['frame-ancestors'], ["'none'"], name);
		}
	};
	for (const path of ['', '/state', '/start']) check(await server.call('GET', link.path + path), path);
	check(await server.call('GET', `/verify/${'A'.repeat(43)}`), 'unknown');
	for (const [action, fields] of [['start', {}], ['email', { email }]]) check(await post(server, link, action, fields), action);
	check(await post(server, link, 'code', { code: await codeFor(server, email) }), 'code');
	for (const path of ['', '?step=address']) check(await server.call('GET', link.path + path), path);
});

test('before the proof the pages tell the same about an address whether or not its person is known', async (t) => {
	const server = await openDevServer(t, UNLIMITED_RATES);
	const known = newEmail();
	const first = await createLink(server);
	await proveByHttp(server, first, known);
	assert.ok((await readLink(server, first)).user_id);
	/** What the answers and the pages say, without the parts that are different in every link. */
	const seen = async (email) => {
		const link = await createLink(server);
		const answers = [await post(server, link, 'start'), await post(server, link, 'email', { email }), await post(server, link, 'code', { code: '000000' })];
		answers.push(await server.call('GET', link.path), await server.call('GET', `${link.path}?step=address`));
		const { user_id, status } = await readLink(server, link);
		assert.deepEqual([user_id ?? null, status ?? null], [null, null], 'nothing is known before the proof');
		return answers.map(({ http: code, headers, text }) => [code, `${headers.location ?? ''}${text}`.replaceAll(link.path, '/verify/TOKEN').replace(/data-version="\w+"/g, '').replace(/<time[^>]*>[^<]*<\/time>/g, '').replace(/at=\d+/g, '')
			.replaceAll(`${email[0]}\u2022\u2022\u2022`, 'MASKED')]);
	};
	assert.deepEqual(await seen(known), await seen(newEmail()));
});
