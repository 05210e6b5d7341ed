// Which language messages and pages speak, and whether everybody can read them: on a phone, in the dark, by ear.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, NARROW, VIEWS, ZOOMED } from './lib/browser.mjs';
import { App, expect, newEmail } from './lib/app.mjs';

/** How a message of each language is known. */
const voices = {
	en: { subject: /^Your shop code, \d\d:\d\d UTC$/, first: 'is your code for shop.', notYou: 'If you did not request this' },
	'pt-BR': { subject: /^Seu código shop, pedido às \d\d:\d\d UTC$/, first: 'é o seu código shop.', notYou: 'Se não foi você quem pediu' },
	es: { subject: /^Su código de shop, solicitado a las \d\d:\d\d UTC$/, first: 'es su código de shop.', notYou: 'Si no lo solicitó usted' },
};

function speaks(message, tag) {
	const voice = voices[tag];
	const { mail, code } = message;
	assert.match(mail.subject, voice.subject);
	assert.equal(mail.text.split('\n')[0], `${code} ${voice.first}`);
	assert.ok(mail.html.includes(`<html lang="${tag}" dir="ltr">`), mail.html.slice(0, 100));
	assert.equal(mail.headers.get('content-language'), tag);
	for (const text of [mail.text, mail.html]) {
		assert.ok(text.includes(voice.notYou), text);
		assert.ok(text.includes(`: ${[...code].join(' ')}`), 'the digits once more, for who hears them');
	}
	assert.deepEqual(message.raw.match(/\d{6,}/g).filter((run) => run !== code), [], 'no other number that looks like a code');
}

test('the language of a message: the person\'s, else the tenant\'s, else the setting\'s; each the nearest', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_BRAND: 'shop', KYCD_LANGUAGE: 'es-MX' } });
	const key = {
		plain: await app.addTenant('plain'),
		portuguese: await app.addTenant('portuguese', '--language', 'pt'),
		chinese: await app.addTenant('chinese', '--language', 'zh-Hant'),
	};
	const rows = [
		{ tenant: 'plain', asks: {}, speaks: 'es' },
		{ tenant: 'portuguese', asks: {}, speaks: 'pt-BR' },
		{ tenant: 'chinese', asks: {}, speaks: 'es' },
		{ tenant: 'plain', asks: { prepare: 'pt' }, speaks: 'pt-BR' },
		{ tenant: 'plain', asks: { prepare: 'pt-PT' }, speaks: 'pt-BR' },
		{ tenant: 'portuguese', asks: { prepare: 'en-GB' }, speaks: 'en' },
		{ tenant: 'portuguese', asks: { prepare: 'es-419' }, speaks: 'es' },
		{ tenant: 'portuguese', asks: { prepare: 'zh' }, speaks: 'pt-BR' },
		{ tenant: 'chinese', asks: { prepare: 'tlh' }, speaks: 'es' },
		{ tenant: 'plain', asks: { send: 'PT_br' }, speaks: 'pt-BR' },
		{ tenant: 'plain', asks: { prepare: 'en', send: 'pt-BR' }, speaks: 'pt-BR' },
		{ tenant: 'plain', asks: { prepare: 'pt', send: '' }, speaks: 'pt-BR' },
		{ tenant: 'plain', asks: { prepare: 'a, "name" <x@example.com>' }, speaks: 'es' },
		{ tenant: 'plain', asks: { prepare: 7 }, speaks: 'es' },
		{ tenant: 'plain', asks: { prepare: 'x'.repeat(200) }, speaks: 'es' },
	];
	for (const { tenant, asks, speaks: tag } of rows) {
		const options = { key: key[tenant] };
		const email = newEmail();
		expect(await app.post('/kyc/prepare', { email, language: asks.prepare }, options), 201);
		expect(await app.post('/security/email/send-otp', { email, language: asks.send }, options), 201);
		speaks(await app.mailServer.messageTo(email), tag);
	}
});

test('what was asked for last is remembered: by prepare, send-otp and create', async (t) => {
	const app = await App.open(t, { settings: { KYCD_BRAND: 'shop', KYCD_OTP_SEND_BURST: 10 } });
	const email = newEmail();
	const nth = (n) => app.mailServer.messageTo(email, n);
	expect(await app.post('/kyc/prepare', { email, language: 'pt' }), 201);
	expect(await app.send(email), 201);
	speaks(await nth(1), 'pt-BR');
	expect(await app.post('/security/email/send-otp', { email, language: 'es' }), 201);
	speaks(await nth(2), 'es');
	expect(await app.send(email), 201);
	speaks(await nth(3), 'es');
	expect(await app.post('/kyc/prepare', { email, language: 'en' }), 200);
	expect(await app.send(email), 201);
	speaks(await nth(4), 'en');

	const go = (id, headers = {}) => app.call('GET', `/return?verificationSessionId=${id}`, { key: null, headers });
	expect(await app.verify(email, (await nth(4)).code), 200);
	const { session_id } = expect(await app.post('/kyc/create/verify_public_kyc', { email, language: 'pt-AO' }), 201).data.session;
	const page = expect(await go(session_id, { 'accept-language': 'es' }), 200);
	assert.match(page.text, /<html lang="pt-BR" dir="ltr">[^]*<h1>Obrigado<\/h1>[^]*<bdi>shop<\/bdi> recebeu as suas informações/);
	assert.equal(page.headers['content-language'], 'pt-BR');
	assert.ok(!page.text.includes(session_id) && !page.text.includes('example.com') && !/<script/i.test(page.text));
});

test('the way back of people for whom nobody named a language, and of nobody: as the phone asks, else the setting', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_LANGUAGE: 'pt' } });
	const key = { plain: await app.addTenant('plain'), spanish: await app.addTenant('spanish', '--language', 'es') };
	const go = async (id, accept) =>
		expect(await app.call('GET', `/return?verificationSessionId=${id}`, { key: null, headers: accept === undefined ? {} : { 'accept-language': accept } }), 200);
	const named = await app.started(newEmail(), { key: await app.addTenant('named', '--display-name', 'Ada & Söhne') });
	assert.match((await go(named.session_id, 'en')).text, /<bdi>Ada &amp; Söhne<\/bdi>/, 'as the tenant wants to be called');
	const { session_id } = await app.started(newEmail(), { key: key.plain });
	const rows = [
		[undefined, 'pt-BR'], ['*', 'pt-BR'], ['en-US,en;q=0.9', 'en'], ['fr-FR,fr;q=0.9,es;q=0.5,en;q=0.4', 'es'], ['ja', 'pt-BR'], ['', 'pt-BR'],
		['en;q=0', 'pt-BR'], [`${'de,'.repeat(2000)}es`, 'es'],
	];
	for (const [accept, tag] of rows) {
		const known = await go(session_id, accept);
		assert.ok(known.text.includes(`<html lang="${tag}"`), `${accept?.slice(0, 40)}: ${known.text.slice(0, 60)}`);
		const unknown = await go('7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b', accept);
		assert.equal(unknown.text, known.text, 'the page does not tell whether the id is known');
		const same = ({ headers }) => ({ ...headers, date: '', 'x-request-id': '' });
		assert.deepEqual(same(unknown), same(known));
	}
	const other = await app.started(newEmail(), { key: key.spanish });
	assert.match((await go(other.session_id, 'en')).text, /<html lang="es"/);
});

/** Names that are hard on a line: long, wide, from the right, with digits of their own. */
const names = ['Ana & Söhne <Shop>', 'W'.repeat(40), '漢字'.repeat(20), 'شركة التحقق 123456', 'Shop 20261120', '{code} {brand}'];

test('messages that everybody can read', async (t) => {
	const app = await App.open(t, { tenant: null });
	const browser = await Browser.open(t);
	const pages = await Promise.all(VIEWS.map((view) => browser.page(view)));
	for (const [i, name] of names.entries()) {
		const key = await app.addTenant(`name-${i}`, '--display-name', name);
		for (const language of i === 0 ? Object.keys(voices) : ['pt']) {
			const email = newEmail();
			expect(await app.post('/kyc/prepare', { email, language }, { key }), 201);
			expect(await app.send(email, { key }), 201);
			const { mail, code, raw } = await app.mailServer.messageTo(email);
			assert.deepEqual(raw.match(/\d{6,}/g).filter((run) => run !== code), [], name);
			const shown = /^\d+ (is your code for|é o seu código|es su código de) (.*)\.$/m.exec(mail.text)[2];
			assert.ok(mail.subject.includes(shown), mail.subject);
			for (const [at, view] of VIEWS.entries()) {
				if (i > 0 && view.width !== NARROW) continue;
				const page = pages[at];
				const says = `${language}, ${name}, ${view.says}`;
				await page.setContent(mail.html);
				assert.deepEqual(await browser.findings(page), [], says);
				assert.equal(await browser.sticksOut(page), 0, says);
				assert.deepEqual([page.strangers, page.complaints], [[], []], says);
				assert.equal(await page.locator('strong').innerText(), code);
				assert.equal(await page.locator('h1 bdi').innerText(), shown);
				assert.equal(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches), view.dark);
			}
		}
	}
});

test('a page that everybody can read, without scripts', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_BRAND: 'شركة التحقق <W>'.padEnd(40, 'W') } });
	const browser = await Browser.open(t);
	const titles = { 'en-US': 'Thank you', 'pt-BR': 'Obrigado', 'es-419': 'Gracias' };
	for (const [language, title] of Object.entries(titles)) {
		for (const view of [...VIEWS, ZOOMED]) {
			const says = `${language}, ${view.says}`;
			const page = await browser.page({ ...view, language, allow: [app.server.base] });
			const answer = await page.goto(`${app.server.base}/return?verificationSessionId=nobody&status=Approved`);
			assert.ok((await answer.body()).length <= 14 * 1024, says);
			assert.deepEqual(await browser.findings(page), [], says);
			assert.equal(await browser.sticksOut(page), 0, says);
			assert.equal(await page.locator('script, img, a, form, link').count(), 0);
			assert.equal(await page.locator('h1').innerText(), title);
			assert.equal(await page.locator('bdi').innerText(), app.server.settings.KYCD_BRAND);
			assert.deepEqual([page.strangers, page.complaints], [[], []], says);
			if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/return ${says}.png`, fullPage: true });
			await page.context().close();
		}
		const plain = await browser.page({ language, scripts: false, allow: [app.server.base] });
		await plain.goto(`${app.server.base}/return`);
		assert.equal(await plain.locator('h1').innerText(), title);
		await plain.context().close();
	}
});
