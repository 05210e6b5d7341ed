// The pages that a person sees, tested in a real browser: the sandbox's inbox, the sandbox's hosted verification page and the
// return page.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test from 'node:test';
import { Browser, COLOUR_RULES, VIEWS, ZOOMED, follow } from './lib/browser.mjs';
import { pageTest } from './lib/database.mjs';
import { UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

/** Largest HTML of a page: what a new TCP connection sends in its first round trip. lib/page_checks.mjs limits the whole page. */
const MAX_HTML_BYTES = 14 * 1024;
/** For tests of the layout: the longest words. page_checks.test.mjs opens the pages in English and in Arabic. */
const LAYOUT_LANGUAGES = ['de'];
const KEY = { 'x-api-key': 'sandbox' };
const FULL = '00000000-0000-4000-8000-00000000abcd'; // an id that selects no subset of the checks, so the session has all steps
const STEPS = 11;
const WEEK = 7 * 86_400;

async function inDev(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	server.post = (where, body, options = {}) => server.call('POST', where, { body, ...options });
	/** Creates a session with the sandbox's API and returns {session_id, url, …}. */
	server.session = async (fields = {}) => {
		const created = await server.post('/sandbox/didit/v3/session/', { workflow_id: FULL, callback: `${server.base}/return`, ...fields }, { headers: KEY });
		assert.equal(created.http, 201, created.text);
		return created.json;
	};
	return server;
}

/** Opens the inbox page, waits for the message and returns the code in it. */
async function codeFor(page, server, email) {
	await page.goto(`${server.base}/sandbox/inbox?to=${encodeURIComponent(email)}`);
	const message = page.locator('article pre').first();
	await until('the message to be in the inbox', async () => {
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

const kycStatus = async (server, email) => (await server.post('/kyc/status', { email })).data;

/** Asserts that the page loaded nothing from other hosts and logged no error. */
function assertNoErrors(page) {
	// Playwright's own script, which blocks service workers, fails in a sandboxed frame.
	const errors = page.consoleErrors.filter((error) => !error.includes("'serviceWorker' property"));
	assert.deepEqual([page.blockedUrls, errors], [[], []]);
}

test('a person goes from prepare to approved by clicking, with scripts and without', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const titles = { en: 'Thank you', 'pt-BR': 'Obrigado', es: 'Gracias', fr: 'Merci', de: 'Vielen Dank', ar: 'شكرًا لك' };
	const buttons = { en: 'Approve', 'pt-BR': 'Aprovar', es: 'Aprobar', fr: 'Approuver', de: 'Genehmigen', ar: 'قبول' };

	for (const scripts of [true, false]) {
		for (const language of Object.keys(titles)) {
			const email = newEmail();
			const page = await browser.page({ ...VIEWS[0], scripts, language, allow: [server.base] });
			const { session_id, session_url } = await startedInBrowser(page, server, email, language);

			await page.goto(session_url);
			assert.equal(await page.locator('html').getAttribute('lang'), language);
			await until('the session to be In Progress', async () => (await kycStatus(server, email)).session_status === 'In Progress');
			await page.getByRole('button', { name: buttons[language] }).click();
			await page.waitForURL(/\/return\?/);
			const returnUrl = new URL(page.url());
			assert.deepEqual([returnUrl.searchParams.get('verificationSessionId'), returnUrl.searchParams.get('status')], [session_id, 'Approved']);
			assert.equal(await page.locator('h1').innerText(), titles[language]);
			assert.match(await page.locator('aside').innerText(), /sandbox/i);
			const { status, approved } = await kycStatus(server, email);
			assert.deepEqual({ status, approved }, { status: 'approved', approved: true });
			assertNoErrors(page);

			await page.goto(session_url);
			assert.equal(await page.locator('form').count(), 0, 'a finished session offers no choice');
			await page.locator('a.button').click();
			await page.waitForURL(returnUrl.href);
			await page.context().close();
		}
	}
});

test('a reason can be chosen with the keyboard alone', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const email = newEmail();
	const page = await browser.page({ scripts: false, language: 'en', allow: [server.base] });
	const { session_url } = await startedInBrowser(page, server, email, 'en');
	await page.goto(session_url);

	const focus = () => page.evaluate(() => ({ tag: document.activeElement.tagName, value: document.activeElement.value, outline: getComputedStyle(document.activeElement).outlineStyle }));
	const visited = [];
	/** Presses Tab until an element with that tag has the focus. Every focused element must have a visible outline. */
	const tabTo = async (tag) => {
		for (let i = 0; i < 12; i++) {
			await page.keyboard.press('Tab');
			const focused = await focus();
			visited.push(focused.value || focused.tag);
			assert.notEqual(focused.outline, 'none', `no visible focus on ${focused.tag}`);
			if (focused.tag === tag) return focused;
		}
		throw new Error(`Tab does not reach ${tag}: ${visited}`);
	};
	await tabTo('SUMMARY');
	assert.deepEqual(visited, ['A', 'approve', 'decline', 'review', 'SUMMARY'], 'the focus follows the order of the page, after the link to its content');
	await page.keyboard.press('Enter');
	await tabTo('INPUT');
	await page.keyboard.press('Space');
	while ((await focus()).value !== 'decline_aml_hit') await page.keyboard.press('ArrowDown');
	await tabTo('BUTTON');
	await page.keyboard.press('Enter');
	await page.waitForURL(/\/return\?/);
	const { status, session_status } = await kycStatus(server, email);
	assert.deepEqual([status, session_status], ['declined', 'Declined']);
});

test('each scenario of the catalogue can be chosen and ends with its status', async (t) => {
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
	assertNoErrors(page);
});

/** Asserts what every page must satisfy: accessibility, no horizontal scrolling, no external parts, small size. */
async function assertLayout(browser, page, view, name) {
	// The zoomed window is as narrow as the phone, so axe-core would find the same.
	if (view !== ZOOMED) assert.deepEqual(await browser.accessibilityErrors(page, view.dark ? COLOUR_RULES : {}), [], name);
	assert.equal(await browser.overflowWidth(page), 0, name);
	assert.equal(await page.locator('style, [style], script:not([src])').count(), 0, name);
	assert.ok(Buffer.byteLength(page.body) <= MAX_HTML_BYTES, `${name}: ${Buffer.byteLength(page.body)} bytes`);
}

/** Loads a page, checks its status code and keeps its body for assertLayout(). */
async function load(page, url, http = 200) {
	const answer = await page.goto(url);
	assert.equal(answer.status(), http, url);
	page.body = await answer.body();
}

/**
 * Returns the states of the hosted page, as `{ name, open(page), check(page) }`. Creates the sessions that expire first, because
 * it advances the clock.
 */
async function hostedStates(server) {
	const [expired, abandoned] = [await server.session(), await server.session()];
	await server.call('GET', abandoned.url.slice(server.base.length));
	expect(await server.post('/sandbox/clock/advance', { seconds: WEEK }), 200);
	const ended = {};
	for (const scenario of ['approve', 'decline', 'review']) {
		ended[scenario] = await server.session();
		expect(await server.post(`${ended[scenario].url.slice(server.base.length)}/submit`, { scenario }), 200);
	}
	const withoutCallback = (await server.post('/sandbox/didit/v3/session/', { workflow_id: FULL }, { headers: KEY })).json;
	const [unfinished, preselected] = [await server.session(), await server.session({ sandbox_scenario: 'review_aml_possible_match' })];
	const visit = (session) => (page) => load(page, session.url);
	return [
		{ name: 'the choice of a result', open: visit(unfinished), check: async (page) => {
			assert.equal(await page.locator('ol li').count(), STEPS);
			assert.equal(await page.locator('button:visible').count(), 3);
		} },
		{ name: 'the choice of a result with all reasons', open: async (page) => {
			await load(page, unfinished.url);
			await page.locator('summary').click();
		}, check: async (page) => assert.equal(await page.locator('input[type=radio]:visible').count(), 17) },
		{ name: 'the requested scenario is preselected', open: visit(preselected), check: async (page) => assert.equal(await page.locator('input:checked').getAttribute('value'), 'review_aml_possible_match') },
		{ name: 'an unknown scenario', open: async (page) => {
			await load(page, unfinished.url);
			await page.evaluate(() => (document.querySelector('button[value=approve]').value = 'nonsense'));
			const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
			await page.locator('button[value=nonsense]').click();
			assert.equal((await answered).status(), 400);
			page.body = await page.content();
		}, check: async (page) => assert.equal(await page.getByRole('alert').count(), 1) },
		...Object.entries(ended).map(([scenario, session]) => ({ name: `finished: ${scenario}`, open: visit(session), check: (page) => assertFinished(page, true) })),
		{ name: 'expired', open: visit(expired), check: (page) => assertFinished(page, true) },
		{ name: 'abandoned', open: visit(abandoned), check: (page) => assertFinished(page, true) },
		{ name: 'an unknown session', open: (page) => load(page, `${server.base}/sandbox/didit/session/nobodyknows1`, 404), check: (page) => assertFinished(page, false) },
		{ name: 'finished without a callback', open: async (page) => {
			await load(page, withoutCallback.url);
			if (await page.locator('button').count()) await page.locator('button[value=approve]').click();
			await page.waitForURL(withoutCallback.url);
			page.body = await page.content();
		}, check: (page) => assertFinished(page, false) },
	];
}

/** Asserts that the page offers no choice, and that it has a link back to the callback only if `hasLink`. */
async function assertFinished(page, hasLink) {
	assert.deepEqual([await page.locator('form').count(), await page.locator('a.button').count()], [0, hasLink ? 1 : 0]);
}

pageTest('the hosted page is accessible in every state, language, colour scheme and width', async (t) => {
	const server = await inDev(t, { KYCD_BRAND: 'شركة W'.padEnd(40, 'W') });
	const browser = await Browser.open(t);
	const states = await hostedStates(server);
	const headings = new Set();

	for (const language of LAYOUT_LANGUAGES) {
		const page = await browser.page({ ...VIEWS[0], language, allow: [server.base] });
		for (const { name: state, open, check } of states) {
			await open(page);
			for (const view of [...VIEWS, ZOOMED]) {
				const name = `${state}, ${language}, ${view.name}`;
				await browser.show(page, view);
				await assertLayout(browser, page, view, name);
				await check(page);
				assert.equal(await page.locator('html').getAttribute('lang'), language, name);
				assert.equal(await page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr', name);
				assert.match(await page.locator('aside').innerText(), /sandbox/i, name);
				headings.add(await page.locator('h1').innerText());
				assertNoErrors(page);
				if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/hosted ${name}.png`, fullPage: true });
			}
		}
		await page.context().close();
	}
	assert.equal(headings.size, 5 * LAYOUT_LANGUAGES.length, `each kind of page has its own heading: ${[...headings]}`);
});

test('the session\'s language is used, and a link changes the language', async (t) => {
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
	assertNoErrors(page);
});

pageTest('the inbox is accessible in every language, colour scheme and width', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const emails = Array.from({ length: 25 }, (_, i) => newEmail(i === 24 ? 'newest' : 'a'.repeat(60)));
	const pages = [];
	for (const language of LAYOUT_LANGUAGES)
		pages.push({ language, page: await browser.page({ ...VIEWS[0], language, allow: [server.base] }) });
	const checkEach = async (state, url, check) => {
		for (const { language, page } of pages) {
			await load(page, server.base + url);
			for (const view of [...VIEWS, ZOOMED]) {
				const name = `${state}, ${language}, ${view.name}`;
				await browser.show(page, view);
				await assertLayout(browser, page, view, name);
				assert.equal(await page.locator('html').getAttribute('lang'), language, name);
				await check(page, name);
				assertNoErrors(page);
				if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/inbox ${name}.png`, fullPage: true });
			}
		}
	};

	await checkEach('empty', '/sandbox/inbox', async (page) => assert.equal(await page.locator('article').count(), 0));
	for (const email of emails) {
		expect(await server.post('/kyc/prepare', { email, language: 'pt' }), 201);
		expect(await server.post('/security/email/send-otp', { email }), 201);
		await until('the message to be in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages.length === 1);
	}
	await checkEach('full', '/sandbox/inbox', async (page, name) => {
		assert.match(await page.locator('article').first().innerText(), /newest/, name);
		assert.equal(await page.locator('article').first().locator('pre').getAttribute('lang'), 'pt-BR', name);
		assert.equal(await page.locator('main a').count(), 2, `${name}: refresh and older e-mails`);
	});
	await checkEach('one person', `/sandbox/inbox?to=${emails[0]}`, async (page) => assert.equal(await page.locator('article').count(), 1));

	const { page } = pages[0];
	const seen = [];
	await load(page, `${server.base}/sandbox/inbox`);
	for (;;) {
		for (const text of await page.locator('article p.muted').allInnerTexts()) seen.push(/\S+@\S+/.exec(text)[0]);
		const older = page.getByRole('link', { name: 'Ältere E-Mails' });
		if ((await older.count()) === 0) break;
		await follow(page, older);
	}
	assert.deepEqual(seen, emails.toReversed?.() ?? [...emails].reverse(), 'every message is listed once, from the newest to the oldest');
});

test('the inbox shows markup in a message and in the address as text', async (t) => {
	const brand = '<img src=x onerror=alert(1)>';
	const server = await inDev(t, { KYCD_BRAND: brand });
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	const email = newEmail();
	let dialogs = 0;
	page.on('dialog', (dialog) => (dialogs += 1) && dialog.dismiss());
	expect(await server.post('/kyc/prepare', { email }), 201);
	expect(await server.post('/security/email/send-otp', { email }), 201);
	await codeFor(page, server, email);
	assert.ok((await page.locator('article').innerText()).includes(brand));
	await page.goto(`${server.base}/sandbox/inbox?to=${encodeURIComponent('"><script>alert(1)</script>')}&before=mail-99999999999999999999`);
	assert.ok((await page.locator('main').innerText()).includes('<script>'));
	assert.deepEqual([await page.locator('body script, img').count(), dialogs], [0, 0]);
	assertNoErrors(page);
});

/** Has kycd send a code to the address, and waits until the inbox has it. Returns the e-mail. */
async function sendCode(server, email) {
	expect(await server.post('/kyc/prepare', { email }), 201);
	expect(await server.post('/security/email/send-otp', { email }), 201);
	return until('the message to be in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
}

test('the inbox adds new e-mails by itself and copies the code', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.base });
	await page.goto(`${server.base}/sandbox/inbox`);
	for (const count of [1, 2]) {
		const { id, text } = await sendCode(server, newEmail());
		const article = page.locator(`article#${id}`);
		await article.waitFor();
		assert.equal(await page.locator('article').count(), count);
		assert.equal(await page.locator('article').first().getAttribute('id'), id, 'the newest e-mail is the first');
		assert.match(await page.getByRole('status').innerText(), /New e-mails/);
		await article.getByRole('button', { name: 'Copy code' }).click();
		await article.getByRole('button', { name: 'Copied' }).waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), /\d{6}/.exec(text)[0]);
		if (count === 1) await article.locator('summary').click();
	}
	assert.equal(await page.locator('article details[open]').count(), 1, 'an open preview stays open');
	assertNoErrors(page);
});

test('without JavaScript the inbox has no button to copy, and a link refreshes it', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ scripts: false, allow: [server.base] });
	await page.goto(`${server.base}/sandbox/inbox`);
	const { text } = await sendCode(server, newEmail());
	await page.getByRole('link', { name: 'Refresh' }).click();
	assert.equal(await page.locator('article code').innerText(), /\d{6}/.exec(text)[0]);
	assert.equal(await page.locator('article button:visible').count(), 0);
	await page.locator('summary').click();
	const preview = page.frameLocator('article iframe');
	assert.match(await preview.locator('body').innerText(), /\d{6}/);
});

test('the preview of an e-mail runs no script, loads nothing and sends no form', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const other = await listening(t);
	const page = await browser.page({ allow: [server.base, other.base] });
	const { id } = await sendCode(server, newEmail());
	const answers = [];
	page.on('response', (answer) => answers.push(answer.url()));
	const hostile = `<title>x</title><script>top.document.title = document.title = 'run'</script><img src="${other.base}/a.png" onerror="document.title = 'run'">
		<link rel="stylesheet" href="/assets/x.css"><iframe src="/sandbox/inbox"></iframe><form action="${other.base}"><button>send</button></form>`;
	// The body is replaced, the headers are those of the server.
	await page.route(`**/${id}/html`, async (route) => route.fulfill({ response: await route.fetch(), body: hostile }));
	await page.goto(`${server.base}/sandbox/inbox`);
	await page.locator('summary').click();
	await page.frameLocator('article iframe').locator('button').click();
	assert.match(await page.title(), /^Inbox/);
	await page.goto(`${server.base}/sandbox/inbox/${id}/html`);
	await page.locator('button').click();
	assert.equal(await page.title(), 'x', 'also when it is opened alone');
	assert.deepEqual(answers.filter((url) => !/\/sandbox\/inbox(\/mail-\d+\/html)?$|\/assets\/(kycd|inbox)-/.test(url)), []);
	assert.equal(other.requests, 0);
	assert.equal((await server.call('GET', '/sandbox/inbox/mail-999/html')).http, 404);
});

/** Opens a server that counts its requests, as `{ base, requests }`. */
async function listening(t) {
	const counter = { requests: 0 };
	const server = createServer((request, response) => {
		counter.requests += 1;
		response.end();
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	t.after(() => server.close());
	counter.base = `http://127.0.0.1:${server.address().port}`;
	return counter;
}
