// The hosted pages of a verification link, from the link to the result, by e-mail, in a real browser. page_checks.test.mjs checks
// the layout of each page.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { PHONE, codeFor, createLink, doCheck, enterCode, openDevServer, prove, readLink, sendCode, start, submit, wrongCode } from './lib/verification.mjs';
import { until } from './lib/wait.mjs';

const FLOW_LIMIT_MS = 10_000;

function assertNoErrors(page) {
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
}

for (const scripts of [true, false]) {
	test(`a person goes from the link to approved by e-mail on a phone, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
		const server = await openDevServer(t);
		const browser = await Browser.open(t);
		const page = await browser.page({ ...PHONE, scripts, allow: [server.base] });
		const email = newEmail();
		const link = await createLink(server);
		const began = performance.now();

		await prove(server, page, link, email);
		await doCheck(page);
		if (scripts) {
			await page.locator('#result .mark.good').waitFor();
			assert.equal(new URL(page.url()).pathname, link.path, 'the tab returns to the page of the link');
		} else {
			assert.equal(new URL(page.url()).pathname, '/return');
			await until('the result', async () => {
				await page.reload();
				return page.locator('.mark.good').count();
			});
		}
		const took = performance.now() - began;
		assert.ok(took < FLOW_LIMIT_MS, `${Math.round(took)} ms`);
		await page.goto(link.url);
		await page.locator('#result .mark.good').waitFor();
		const { state, status } = await readLink(server, link);
		assert.deepEqual({ state, status }, { state: 'completed', status: 'approved' });
		assertNoErrors(page);
	});
}

test('the given address is shown masked, and another one can be chosen until the proof', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const [given, other] = [newEmail('given'), newEmail('other')];
	const link = await createLink(server, { email: given });
	const page = await browser.page({ ...PHONE, scripts: false, allow: [server.base] });

	await start(page, link);
	assert.ok(!(await page.content()).includes(given), 'the full address is not on the page');
	await sendCode(page);
	const first = await codeFor(server, given);
	assert.ok(!(await page.content()).includes(given));
	await page.locator('a[href*="step=address"]').click();
	await page.locator('summary').click();
	await page.locator('#email').fill(other);
	await page.locator('form', { has: page.locator('#email') }).locator('button').click();
	await page.locator('#code').waitFor();
	const second = await codeFor(server, other);
	if (first !== second) {
		await enterCode(page, first);
		await page.locator('#code[aria-invalid=true]').waitFor();
	}
	await enterCode(page, second);
	await page.locator('form[action*="/check?"]').waitFor();
	assert.ok(!(await page.content()).includes(other));
	assertNoErrors(page);
});

test('spaces and the digits of other scripts are accepted in the code, and a pasted text is reduced to its code', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const spaced = (code) => `${code.slice(0, 3)} ${code.slice(3)} `;
	const arabic = (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit)));
	for (const write of [spaced, arabic]) {
		const email = newEmail();
		const link = await createLink(server);
		await start(page, link);
		await sendCode(page, email);
		await enterCode(page, write(await codeFor(server, email)));
		await page.locator('form[action*="/check?"]').waitFor();
	}
	const email = newEmail();
	await start(page, await createLink(server));
	await sendCode(page, email);
	const code = await codeFor(server, email);
	await page.locator('#code').evaluate((input, text) => {
		const data = new DataTransfer();
		data.setData('text', text);
		input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
	}, `Your code is ${code.slice(0, 3)} ${code.slice(3)}.`);
	assert.equal(await page.locator('#code').inputValue(), code);
	const field = page.locator('#code');
	assert.deepEqual([await field.getAttribute('inputmode'), await field.getAttribute('autocomplete')], ['numeric', 'one-time-code']);
	await submit(page, 'code');
	await page.locator('form[action*="/check?"]').waitFor();
	assertNoErrors(page);
});

test('an error names its field, is tied to it, and begins the title of the page', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	await start(page, await createLink(server));

	/** Asserts that the page shows an error of the field. */
	const assertFieldError = async (id) => {
		await page.locator(`#${id}[aria-invalid=true]`).waitFor();
		const field = page.locator(`#${id}`);
		const summary = page.getByRole('alert');
		assert.equal(await summary.locator('a').getAttribute('href'), `#${id}`);
		assert.match(await field.getAttribute('aria-describedby'), new RegExp(`^${id}-error `));
		const message = await page.locator(`#${id}-error`).innerText();
		assert.equal(await summary.locator('a').innerText(), message);
		assert.match(await page.title(), /^There is a problem/);
		assert.equal(await page.evaluate(() => document.activeElement.id), 'errors');
		await summary.locator('a').click();
		assert.equal(await page.evaluate(() => document.activeElement.id), id, 'the link of the summary leads to the field');
		assert.deepEqual(await browser.accessibilityErrors(page), []);
	};
	await submit(page, 'email');
	await assertFieldError('email');
	await page.locator('#email').fill('nobody@nowhere');
	await submit(page, 'email');
	await assertFieldError('email');
	assert.equal(await page.locator('#email').inputValue(), 'nobody@nowhere', 'what was typed is kept');
	await sendCode(page, email);
	const code = await codeFor(server, email);
	for (const typed of ['', '12', wrongCode(code)]) {
		await page.locator('#code').fill(typed);
		await submit(page, 'code');
		await assertFieldError('code');
	}
	await enterCode(page, code);
	await page.locator('form[action*="/check?"]').waitFor();
});

test('the whole flow can be done with the keyboard alone', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ ...PHONE, allow: [server.base] });
	const email = newEmail();
	const link = await createLink(server);
	/** Presses Tab until the element that matches the selector has the focus, which must be visible. */
	const tabTo = async (selector) => {
		for (let i = 0; i < 30; i++) {
			await page.keyboard.press('Tab');
			const focused = await page.evaluate((wanted) => ({ found: document.activeElement.matches(wanted), outline: getComputedStyle(document.activeElement).outlineStyle, tag: document.activeElement.outerHTML.slice(0, 80) }), selector);
			assert.notEqual(focused.outline, 'none', `no visible focus on ${focused.tag}`);
			if (focused.found) return;
		}
		throw new Error(`Tab does not reach ${selector}`);
	};
	await page.goto(link.url);
	await tabTo('form[action*="/start?"] button');
	await page.keyboard.press('Enter');
	await page.locator('#email').waitFor();
	await tabTo('#email');
	await page.keyboard.type(email);
	await page.keyboard.press('Enter');
	await page.locator('#code').waitFor();
	await tabTo('#code');
	await page.keyboard.type(await codeFor(server, email));
	await page.keyboard.press('Enter');
	await page.locator('form[action*="/check?"]').waitFor();
	await tabTo('form[action*="/check?"] button');
	await page.keyboard.press('Enter');
	await page.locator('button[value=approve]').waitFor();
	await tabTo('button[value=approve]');
	await page.keyboard.press('Enter');
	await page.locator('#result .mark.good').waitFor();
	assertNoErrors(page);
});

test('the language comes from the link, else from the browser, and a chosen one holds for later steps', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const language = (page) => page.locator('html').getAttribute('lang');
	for (const [fields, locale, expected] of [[{ language: 'fr' }, 'de', 'fr'], [{}, 'de', 'de'], [{}, 'ar', 'ar'], [{}, 'ja', 'en']]) {
		const page = await browser.page({ ...PHONE, scripts: false, language: locale, allow: [server.base] });
		const answer = await page.goto((await createLink(server, fields)).url);
		assert.equal(await language(page), expected);
		assert.equal(answer.headers()['content-language'], expected);
		assert.equal(await page.locator('html').getAttribute('dir'), expected === 'ar' ? 'rtl' : 'ltr');
		await page.context().close();
	}
	const page = await browser.page({ ...PHONE, scripts: false, allow: [server.base] });
	const email = newEmail();
	await page.goto((await createLink(server)).url);
	await page.locator('a[hreflang="pt-BR"]').click();
	await submit(page, 'start');
	await sendCode(page, email);
	assert.equal(await language(page), 'pt-BR');
	await enterCode(page, await codeFor(server, email));
	await submit(page, 'check');
	await page.locator('button[value=approve]').waitFor();
	assert.equal(await language(page), 'pt-BR', 'the provider gets the language too');
});
