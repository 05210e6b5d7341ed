// What a person meets: the message in the inbox, the sandbox's hosted page, the way back. In a real browser, by clicking.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, VIEWS, ZOOMED } from './lib/browser.mjs';
import { testOfLooks } from './lib/database.mjs';
import { WIDE, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

/** What a page may weigh: the first flight of a new connection. */
const SMALL = 14 * 1024;
const LANGUAGES = ['en', 'pt-BR', 'es'];
const KEY = { 'x-api-key': 'sandbox' };
const FULL = '00000000-0000-4000-8000-00000000abcd'; // any workflow: all steps
const STEPS = 11;
const WEEK = 7 * 86_400;

async function inDev(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	server.post = (where, body, options = {}) => server.call('POST', where, { body, ...options });
	/** A session straight at the sandbox; gives {session_id, url, …}. */
	server.session = async (wish = {}) => {
		const made = await server.post('/sandbox/didit/v3/session/', { workflow_id: FULL, callback: `${server.base}/return`, ...wish }, { headers: KEY });
		assert.equal(made.http, 201, made.text);
		return made.json;
	};
	return server;
}

/** The person's mail programme: opens the inbox, waits for the message, reads the code in it. */
async function codeFor(page, server, email) {
	await page.goto(`${server.base}/sandbox/inbox?to=${encodeURIComponent(email)}`);
	const message = page.locator('article pre').first();
	await until('the message', async () => {
		if (await message.count()) return true;
		await page.locator('nav a').first().click();
		return false;
	});
	return /^\d{6}/.exec(await message.innerText())[0];
}

async function startedInBrowser(page, server, email, language) {
	expect(await server.post('/kyc/prepare', { email, language }), 201);
	expect(await server.post('/security/email/send-otp', { email }), 201);
	expect(await server.post('/security/email/verify-otp', { email, code: await codeFor(page, server, email) }), 200);
	return expect(await server.post('/kyc/create/verify_public_kyc', { email, language }), 201).data.session;
}

const standing = async (server, email) => (await server.post('/kyc/status', { email })).data;

/** Nothing but what the page brought with it, and nothing went wrong in it. */
function clean(page) {
	assert.deepEqual([page.strangers, page.complaints], [[], []]);
}

test('from prepare to approved by clicking, with scripts and without', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const titles = { en: 'Thank you', 'pt-BR': 'Obrigado', es: 'Gracias' };
	const buttons = { en: 'Approve', 'pt-BR': 'Aprovar', es: 'Aprobar' };

	for (const scripts of [true, false]) {
		for (const language of LANGUAGES) {
			const email = newEmail();
			const page = await browser.page({ ...VIEWS[0], scripts, language, allow: [server.base] });
			const { session_id, session_url } = await startedInBrowser(page, server, email, language);

			await page.goto(session_url);
			assert.equal(await page.locator('html').getAttribute('lang'), language);
			await until('the visit to be heard of', async () => (await standing(server, email)).session_status === 'In Progress');
			await page.getByRole('button', { name: buttons[language] }).click();
			await page.waitForURL(/\/return\?/);
			const back = new URL(page.url());
			assert.deepEqual([back.searchParams.get('verificationSessionId'), back.searchParams.get('status')], [session_id, 'Approved']);
			assert.equal(await page.locator('h1').innerText(), titles[language]);
			assert.match(await page.locator('header').innerText(), /sandbox/);
			const { status, approved } = await standing(server, email);
			assert.deepEqual({ status, approved }, { status: 'approved', approved: true });
			clean(page);

			await page.goto(session_url);
			assert.equal(await page.locator('form').count(), 0, 'nothing is chosen twice');
			await page.locator('a.button').click();
			await page.waitForURL(back.href);
			await page.context().close();
		}
	}
});

test('a reason chosen by the keyboard alone', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const email = newEmail();
	const page = await browser.page({ scripts: false, language: 'en', allow: [server.base] });
	const { session_url } = await startedInBrowser(page, server, email, 'en');
	await page.goto(session_url);

	const focus = () => page.evaluate(() => ({ tag: document.activeElement.tagName, value: document.activeElement.value, seen: getComputedStyle(document.activeElement).outlineStyle }));
	const walk = [];
	/** Tab until something of that tag; every stop on the way shows that it is one. */
	const tabTo = async (tag) => {
		for (let i = 0; i < 12; i++) {
			await page.keyboard.press('Tab');
			const at = await focus();
			walk.push(at.value || at.tag);
			assert.notEqual(at.seen, 'none', `the focus is to be seen at ${at.tag}`);
			if (at.tag === tag) return at;
		}
		throw new Error(`no ${tag} within reach: ${walk}`);
	};
	await tabTo('SUMMARY');
	assert.deepEqual(walk, ['approve', 'decline', 'review', 'SUMMARY'], 'in the order of the page');
	await page.keyboard.press('Enter');
	await tabTo('INPUT');
	await page.keyboard.press('Space');
	while ((await focus()).value !== 'decline_aml_hit') await page.keyboard.press('ArrowDown');
	await tabTo('BUTTON');
	await page.keyboard.press('Enter');
	await page.waitForURL(/\/return\?/);
	const { status, session_status } = await standing(server, email);
	assert.deepEqual([status, session_status], ['declined', 'Declined']);
});

test('each outcome of the catalogue can be clicked, and ends as it says', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ scripts: false, allow: [server.base] });
	const { scenarios } = (await server.call('GET', '/sandbox/didit/v1/sandbox/scenarios/', { headers: KEY })).json;
	assert.ok(scenarios.length >= 18);
	for (const { slug, status } of scenarios) {
		await page.goto((await server.session()).url);
		const button = page.locator(`button[value="${slug}"]`);
		if (await button.count()) {
			await button.click();
		} else {
			await page.locator('summary').click();
			await page.locator(`input[value="${slug}"]`).check();
			await page.locator('details button').click();
		}
		await page.waitForURL(/\/return\?/);
		assert.equal(new URL(page.url()).searchParams.get('status'), status, slug);
	}
	clean(page);
});

/** One look at a page in one state: everything that must hold of each. */
async function looksRight(browser, page, says) {
	assert.deepEqual(await browser.findings(page), [], says);
	assert.equal(await browser.sticksOut(page), 0, says);
	assert.equal(await page.locator('script, img, link, iframe').count(), 0, says);
	assert.ok(Buffer.byteLength(page.weighed) <= SMALL, `${says}: ${Buffer.byteLength(page.weighed)} bytes`);
}

async function go(page, url, http = 200) {
	const answer = await page.goto(url);
	assert.equal(answer.status(), http, url);
	page.weighed = await answer.body();
}

/** The states of the hosted page, as `{ says, open(page) }`. Moves the clock: sessions that ran out come first. */
async function hostedStates(server) {
	const [unopened, begun] = [await server.session(), await server.session()];
	await server.call('GET', begun.url.slice(server.base.length));
	expect(await server.post('/sandbox/clock/advance', { seconds: WEEK }), 200);
	const ended = {};
	for (const scenario of ['approve', 'decline', 'review']) {
		ended[scenario] = await server.session();
		expect(await server.post(`${ended[scenario].url.slice(server.base.length)}/submit`, { scenario }), 200);
	}
	const lone = (await server.post('/sandbox/didit/v3/session/', { workflow_id: FULL }, { headers: KEY })).json;
	const [open, wished] = [await server.session(), await server.session({ sandbox_scenario: 'review_aml_possible_match' })];
	const visit = (session) => (page) => go(page, session.url);
	return [
		{ says: 'a choice', look: visit(open), holds: async (page) => {
			assert.equal(await page.locator('ol li').count(), STEPS);
			assert.equal(await page.locator('button:visible').count(), 3);
		} },
		{ says: 'a choice with all reasons', look: async (page) => {
			await go(page, open.url);
			await page.locator('summary').click();
		}, holds: async (page) => assert.equal(await page.locator('input[type=radio]:visible').count(), 17) },
		{ says: 'what was asked for is chosen', look: visit(wished), holds: async (page) => assert.equal(await page.locator('input:checked').getAttribute('value'), 'review_aml_possible_match') },
		{ says: 'no such outcome', look: async (page) => {
			await go(page, open.url);
			await page.evaluate(() => (document.querySelector('button[value=approve]').value = 'nonsense'));
			const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
			await page.locator('button[value=nonsense]').click();
			assert.equal((await answered).status(), 400);
			page.weighed = await page.content();
			page.complaints.length = 0; // the browser notes the 400
		}, holds: async (page) => assert.equal(await page.getByRole('alert').count(), 1) },
		...Object.entries(ended).map(([scenario, session]) => ({ says: `ended: ${scenario}`, look: visit(session), holds: (page) => isEnd(page, true) })),
		{ says: 'expired', look: visit(unopened), holds: (page) => isEnd(page, true) },
		{ says: 'abandoned', look: visit(begun), holds: (page) => isEnd(page, true) },
		{ says: 'unknown', look: async (page) => {
			await go(page, `${server.base}/sandbox/didit/session/nobodyknows1`, 404);
			page.complaints.length = 0;
		}, holds: (page) => isEnd(page, false) },
		{ says: 'ended without a callback', look: async (page) => {
			await go(page, lone.url);
			if (await page.locator('button').count()) await page.locator('button[value=approve]').click();
			await page.waitForURL(lone.url);
			page.weighed = await page.content();
		}, holds: (page) => isEnd(page, false) },
	];
}

async function isEnd(page, leadsBack) {
	assert.deepEqual([await page.locator('form').count(), await page.locator('a.button').count()], [0, leadsBack ? 1 : 0]);
}

testOfLooks('the hosted page in every state, language, light and width', async (t) => {
	const server = await inDev(t, { KYCD_BRAND: 'شركة W'.padEnd(40, 'W') });
	const browser = await Browser.open(t);
	const states = await hostedStates(server);
	const headings = new Set();

	for (const language of LANGUAGES) {
		for (const view of [...VIEWS, ZOOMED]) {
			const page = await browser.page({ ...view, language, allow: [server.base] });
			for (const { says: state, look, holds } of states) {
				const says = `${state}, ${language}, ${view.says}`;
				await look(page);
				await looksRight(browser, page, says);
				await holds(page);
				assert.equal(await page.locator('html').getAttribute('lang'), language, says);
				assert.match(await page.locator('header').innerText(), /sandbox/, says);
				headings.add(await page.locator('h1').innerText());
				clean(page);
				if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/hosted ${says}.png`, fullPage: true });
			}
			await page.context().close();
		}
	}
	assert.equal(headings.size, 5 * LANGUAGES.length, `each kind of page says what it is: ${[...headings]}`);
});

test('the language of the link, and from one to the other by a click', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ scripts: false, language: 'es-MX', allow: [server.base] });
	const lang = () => page.locator('html').getAttribute('lang');
	const { url } = await server.session();
	await page.goto(url);
	assert.equal(await lang(), 'es');
	await page.getByRole('link', { name: 'Português' }).click();
	assert.equal(await lang(), 'pt-BR');
	assert.equal(await page.locator('h1').innerText(), 'Verificação simulada');
	await page.goto((await server.session({ language: 'pt' })).url);
	assert.equal(await lang(), 'pt-BR');
	await page.goto((await server.session({ language: 'en', callback: undefined })).url);
	assert.equal(await lang(), 'en');
	await page.locator('button[value=review]').click();
	await page.waitForURL(/\/en\/session\//);
	assert.equal(await page.locator('h1').innerText(), 'This verification is finished');
	clean(page);
});

testOfLooks('the inbox in every language, light and width', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const emails = Array.from({ length: 25 }, (_, i) => newEmail(i === 24 ? 'newest' : 'a'.repeat(60)));
	const empty = [];
	for (const language of LANGUAGES)
		for (const view of [...VIEWS, ZOOMED]) empty.push({ language, view, page: await browser.page({ ...view, language, allow: [server.base] }) });
	const each = async (state, url, holds) => {
		for (const { language, view, page } of empty) {
			const says = `${state}, ${language}, ${view.says}`;
			await go(page, server.base + url);
			await looksRight(browser, page, says);
			assert.equal(await page.locator('html').getAttribute('lang'), language, says);
			await holds(page, says);
			clean(page);
			if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/inbox ${says}.png`, fullPage: true });
		}
	};

	await each('empty', '/sandbox/inbox', async (page) => assert.equal(await page.locator('article').count(), 0));
	for (const email of emails) {
		expect(await server.post('/kyc/prepare', { email, language: 'pt' }), 201);
		expect(await server.post('/security/email/send-otp', { email }), 201);
		await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages.length === 1);
	}
	await each('full', '/sandbox/inbox', async (page, says) => {
		assert.match(await page.locator('article').first().innerText(), /newest/, says);
		assert.equal(await page.locator('article').first().locator('pre').getAttribute('lang'), 'pt-BR', says);
		assert.equal(await page.getByRole('link').count(), 2, says);
	});
	await each('one person', `/sandbox/inbox?to=${emails[0]}`, async (page) => assert.equal(await page.locator('article').count(), 1));

	const { page } = empty[0];
	const seen = [];
	await go(page, `${server.base}/sandbox/inbox`);
	for (;;) {
		for (const text of await page.locator('article p').allInnerTexts()) seen.push(/\S+@\S+/.exec(text)[0]);
		const older = page.getByRole('link', { name: 'Older e-mails' });
		if ((await older.count()) === 0) break;
		await older.click();
	}
	assert.deepEqual(seen, emails.toReversed?.() ?? [...emails].reverse(), 'every message once, from the newest to the oldest');
});

test('a message is text on the inbox page, whatever is in it', async (t) => {
	const brand = '<img src=x onerror=alert(1)>';
	const server = await inDev(t, { KYCD_BRAND: brand });
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	const email = newEmail();
	let asked = 0;
	page.on('dialog', (dialog) => (asked += 1) && dialog.dismiss());
	expect(await server.post('/kyc/prepare', { email }), 201);
	expect(await server.post('/security/email/send-otp', { email }), 201);
	await codeFor(page, server, email);
	assert.ok((await page.locator('article').innerText()).includes(brand));
	await page.goto(`${server.base}/sandbox/inbox?to=${encodeURIComponent('"><script>alert(1)</script>')}&before=mail-99999999999999999999`);
	assert.ok((await page.locator('main').innerText()).includes('<script>'));
	assert.deepEqual([await page.locator('script, img').count(), asked], [0, 0]);
	clean(page);
});
