// The language of e-mails and of the return page, and their accessibility: narrow screens, dark mode, screen readers, no scripts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, NARROW_WIDTH, VIEWS, ZOOMED } from './lib/browser.mjs';
import { App, expect, newEmail } from './lib/app.mjs';

/** Texts that identify an e-mail of each language. */
const expectedTexts = {
	en: { subject: /^Your shop code, \d\d:\d\d UTC$/, first: 'is your code for shop.', notYou: 'If you did not request this' },
	'pt-BR': { subject: /^Seu código shop, pedido às \d\d:\d\d UTC$/, first: 'é o seu código shop.', notYou: 'Se não foi você quem pediu' },
	es: { subject: /^Su código de shop, solicitado a las \d\d:\d\d UTC$/, first: 'es su código de shop.', notYou: 'Si no lo solicitó usted' },
	fr: { subject: /^Votre code shop, demandé à \d\d:\d\d UTC$/, first: 'est votre code shop.', notYou: 'Si vous n’êtes pas à l’origine' },
	de: { subject: /^Ihr shop-Code, angefordert um \d\d:\d\d UTC$/, first: 'ist Ihr Code für shop.', notYou: 'Wenn Sie dies nicht angefordert haben' },
	ar: { subject: /^رمز \u2068shop\u2069 الخاص بك، \u2066\d\d:\d\d UTC\u2069$/, first: 'هو رمزك لدى \u2068shop\u2069.', notYou: 'إذا لم تطلب ذلك' },
};

/** Without the characters that isolate the direction of a text. */
const withoutIsolates = (text) => text.replace(/[\u2066-\u2069]/g, '');

function assertLanguage(message, tag) {
	const expected = expectedTexts[tag];
	const { mail, code } = message;
	assert.match(mail.subject, expected.subject);
	assert.equal(mail.text.split('\n')[0], `${code} ${expected.first}`);
	assert.ok(mail.html.includes(`<html lang="${tag}" dir="${tag === 'ar' ? 'rtl' : 'ltr'}">`), mail.html.slice(0, 100));
	assert.equal(mail.headers.get('content-language'), tag);
	for (const text of [mail.text, mail.html]) {
		assert.ok(text.includes(expected.notYou), text);
		assert.ok(withoutIsolates(text).includes(`: ${[...code].join(' ')}`), 'the digits once more, separated by spaces for screen readers');
	}
	assert.deepEqual(message.raw.match(/\d{6,}/g).filter((run) => run !== code), [], 'no other number that looks like a code');
}

test('the language of an e-mail is the nearest match of the request, else of the tenant, else of KYCD_LANGUAGE', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_BRAND: 'shop', KYCD_LANGUAGE: 'es-MX' } });
	const key = {
		plain: await app.addTenant('plain'),
		portuguese: await app.addTenant('portuguese', '--language', 'pt'),
		chinese: await app.addTenant('chinese', '--language', 'zh-Hant'),
	};
	const cases = [
		{ tenant: 'plain', requested: {}, language: 'es' },
		{ tenant: 'portuguese', requested: {}, language: 'pt-BR' },
		{ tenant: 'chinese', requested: {}, language: 'es' },
		{ tenant: 'plain', requested: { prepare: 'pt' }, language: 'pt-BR' },
		{ tenant: 'plain', requested: { prepare: 'pt-PT' }, language: 'pt-BR' },
		{ tenant: 'portuguese', requested: { prepare: 'en-GB' }, language: 'en' },
		{ tenant: 'portuguese', requested: { prepare: 'es-419' }, language: 'es' },
		{ tenant: 'portuguese', requested: { prepare: 'fr-CA' }, language: 'fr' },
		{ tenant: 'portuguese', requested: { prepare: 'de-AT' }, language: 'de' },
		{ tenant: 'portuguese', requested: { prepare: 'ar-EG' }, language: 'ar' },
		{ tenant: 'portuguese', requested: { prepare: 'zh' }, language: 'pt-BR' },
		{ tenant: 'chinese', requested: { prepare: 'tlh' }, language: 'es' },
		{ tenant: 'plain', requested: { send: 'PT_br' }, language: 'pt-BR' },
		{ tenant: 'plain', requested: { prepare: 'en', send: 'pt-BR' }, language: 'pt-BR' },
		{ tenant: 'plain', requested: { prepare: 'pt', send: '' }, language: 'pt-BR' },
		{ tenant: 'plain', requested: { prepare: 'a, "name" <x@example.com>' }, language: 'es' },
		{ tenant: 'plain', requested: { prepare: 7 }, language: 'es' },
		{ tenant: 'plain', requested: { prepare: 'x'.repeat(200) }, language: 'es' },
	];
	for (const { tenant, requested, language } of cases) {
		const options = { key: key[tenant] };
		const email = newEmail();
		expect(await app.post('/kyc/prepare', { email, language: requested.prepare }, options), 201);
		expect(await app.post('/security/email/send-otp', { email, language: requested.send }, options), 201);
		assertLanguage(await app.mailServer.messageTo(email), language);
	}
});

test('the language requested last by prepare, send-otp or create is stored', async (t) => {
	const app = await App.open(t, { settings: { KYCD_BRAND: 'shop', KYCD_OTP_SEND_BURST: 10 } });
	const email = newEmail();
	const nth = (n) => app.mailServer.messageTo(email, n);
	expect(await app.post('/kyc/prepare', { email, language: 'pt' }), 201);
	expect(await app.send(email), 201);
	assertLanguage(await nth(1), 'pt-BR');
	expect(await app.post('/security/email/send-otp', { email, language: 'es' }), 201);
	assertLanguage(await nth(2), 'es');
	expect(await app.send(email), 201);
	assertLanguage(await nth(3), 'es');
	expect(await app.post('/kyc/prepare', { email, language: 'en' }), 200);
	expect(await app.send(email), 201);
	assertLanguage(await nth(4), 'en');

	const openReturnPage = (id, headers = {}) => app.call('GET', `/return?verificationSessionId=${id}`, { key: null, headers });
	expect(await app.verify(email, (await nth(4)).code), 200);
	const { session_id } = expect(await app.post('/kyc/create/verify_public_kyc', { email, language: 'pt-AO' }), 201).data.session;
	const page = expect(await openReturnPage(session_id, { 'accept-language': 'es' }), 200);
	assert.match(page.text, /<html lang="pt-BR" dir="ltr">[^]*<h1>Obrigado<\/h1>[^]*<bdi>shop<\/bdi> recebeu as suas informações/);
	assert.equal(page.headers['content-language'], 'pt-BR');
	assert.ok(!page.text.includes(session_id) && !page.text.includes('example.com') && !/<script/i.test(page.text));
});

test('without a stored language the return page uses Accept-Language, else KYCD_LANGUAGE, also for an unknown session', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_LANGUAGE: 'pt' } });
	const key = { plain: await app.addTenant('plain'), spanish: await app.addTenant('spanish', '--language', 'es') };
	const openReturnPage = async (id, accept) =>
		expect(await app.call('GET', `/return?verificationSessionId=${id}`, { key: null, headers: accept === undefined ? {} : { 'accept-language': accept } }), 200);
	const named = await app.startSession(newEmail(), { key: await app.addTenant('named', '--display-name', 'Ada & Söhne') });
	assert.match((await openReturnPage(named.session_id, 'en')).text, /<bdi>Ada &amp; Söhne<\/bdi>/, 'the page shows the tenant\'s display name');
	const { session_id } = await app.startSession(newEmail(), { key: key.plain });
	const cases = [
		[undefined, 'pt-BR'], ['*', 'pt-BR'], ['en-US,en;q=0.9', 'en'], ['it-IT,it;q=0.9,es;q=0.5,en;q=0.4', 'es'], ['fr-FR,fr;q=0.9,es;q=0.5', 'fr'], ['ar', 'ar'], ['ja', 'pt-BR'], ['', 'pt-BR'],
		['en;q=0', 'pt-BR'], [`${'it,'.repeat(2000)}es`, 'es'],
	];
	for (const [accept, tag] of cases) {
		const known = await openReturnPage(session_id, accept);
		assert.ok(known.text.includes(`<html lang="${tag}"`), `${accept?.slice(0, 40)}: ${known.text.slice(0, 60)}`);
		const unknown = await openReturnPage('7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b', accept);
		assert.equal(unknown.text, known.text, 'the page does not reveal whether the session id exists');
		const comparableHeaders = ({ headers }) => ({ ...headers, date: '', 'x-request-id': '' });
		assert.deepEqual(comparableHeaders(unknown), comparableHeaders(known));
	}
	const other = await app.startSession(newEmail(), { key: key.spanish });
	assert.match((await openReturnPage(other.session_id, 'en')).text, /<html lang="es"/);
});

/** Display names that are hard to lay out: long, wide, right-to-left, with digits or placeholders in them. */
const displayNames = ['Ana & Söhne <Shop>', 'W'.repeat(40), '漢字'.repeat(20), 'شركة التحقق 123456', 'Shop 20261120', '{code} {brand}'];

test('e-mails are accessible in every language, view and colour scheme', async (t) => {
	const app = await App.open(t, { tenant: null });
	const browser = await Browser.open(t);
	const pages = await Promise.all(VIEWS.map((view) => browser.page(view)));
	for (const [i, name] of displayNames.entries()) {
		const key = await app.addTenant(`name-${i}`, '--display-name', name);
		for (const language of i === 0 ? Object.keys(expectedTexts) : ['pt']) {
			const email = newEmail();
			expect(await app.post('/kyc/prepare', { email, language }, { key }), 201);
			expect(await app.send(email, { key }), 201);
			const { mail, code, raw } = await app.mailServer.messageTo(email);
			assert.deepEqual(raw.match(/\d{6,}/g).filter((run) => run !== code), [], name);
			const shown = /^\d+ (is your code for|é o seu código|es su código de|est votre code|ist Ihr Code für|هو رمزك لدى) (.*)\.$/m.exec(withoutIsolates(mail.text))[2];
			assert.ok(withoutIsolates(mail.subject).includes(shown), mail.subject);
			for (const [viewIndex, view] of VIEWS.entries()) {
				if (i > 0 && view.width !== NARROW_WIDTH) continue;
				const page = pages[viewIndex];
				const label = `${language}, ${name}, ${view.name}`;
				await page.setContent(mail.html);
				assert.deepEqual(await browser.accessibilityErrors(page), [], label);
				assert.equal(await browser.overflowWidth(page), 0, label);
				assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []], label);
				assert.equal(await page.locator('strong').innerText(), code);
				assert.equal(await page.locator('h1 bdi').innerText(), shown);
				assert.equal(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches), view.dark);
			}
		}
	}
});

test('the return page is accessible and works without scripts', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_BRAND: 'شركة التحقق <W>'.padEnd(40, 'W') } });
	const browser = await Browser.open(t);
	const titles = { 'en-US': 'Thank you', 'pt-BR': 'Obrigado', 'es-419': 'Gracias', fr: 'Merci', de: 'Vielen Dank', ar: 'شكرًا لك' };
	for (const [language, title] of Object.entries(titles)) {
		for (const view of [...VIEWS, ZOOMED]) {
			const label = `${language}, ${view.name}`;
			const page = await browser.page({ ...view, language, allow: [app.server.base] });
			const answer = await page.goto(`${app.server.base}/return?verificationSessionId=nobody&status=Approved`);
			assert.ok((await answer.body()).length <= 14 * 1024, label);
			assert.deepEqual(await browser.accessibilityErrors(page), [], label);
			assert.equal(await browser.overflowWidth(page), 0, label);
			assert.equal(await page.locator('script, img, form').count(), 0);
			assert.equal(await page.locator('h1').innerText(), title);
			assert.equal(await page.locator('main bdi').innerText(), app.server.settings.KYCD_BRAND);
			assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []], label);
			if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/return ${label}.png`, fullPage: true });
			await page.context().close();
		}
		const plain = await browser.page({ language, scripts: false, allow: [app.server.base] });
		await plain.goto(`${app.server.base}/return`);
		assert.equal(await plain.locator('h1').innerText(), title);
		await plain.context().close();
	}
});
