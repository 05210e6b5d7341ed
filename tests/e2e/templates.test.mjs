// The operator's own e-mail templates (KYCD_MAIL_TEMPLATES): which built-in texts they replace, and which errors prevent the start.
import assert from 'node:assert/strict';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { makeFolder, removeFolder, run } from './lib/kycd.mjs';

/** Creates a temporary folder with these files. A function as content creates what is not a text file. */
async function templateFolder(t, files) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	for (const [name, content] of Object.entries(files)) {
		const file = path.join(folder, name);
		await mkdir(path.dirname(file), { recursive: true });
		if (typeof content === 'function') await content(file);
		else await writeFile(file, content);
	}
	return folder;
}

/** Prepares a new person with this language and returns the message with the code. */
async function sendCode(app, language, options) {
	const email = newEmail();
	expect(await app.post('/kyc/prepare', { email, language }, options), 201);
	expect(await app.send(email, options), 201);
	return app.mailServer.messageTo(email);
}

const german = {
	'it/code.subject': '{brand}: Ihr Code von {time}\n',
	'it/code.txt': '\ufeff{code}: Ihr Code für {brand}.\r\n\r\nZiffer für Ziffer: {digits}\r\nGültig {minutes} Minuten.\r\n',
	'it/code.html': '<!DOCTYPE html><html lang="it" dir="ltr"><head><title>{brand}</title><style>p { margin: 0 }</style></head><body><main><h1>{code}</h1><p>{brand}</p></main></body></html>',
};

test('templates of the operator replace the built-in ones, language by language', async (t) => {
	const folder = await templateFolder(t, {
		...german,
		'PT-br/code.html': '<html lang="pt-BR"><head><title>x</title></head><body><main><h1>{code}</h1><p>{brand} {digits}</p></main></body></html>',
		'es/code.subject': 'Código: {brand}',
		'.git/HEAD': 'ignored',
		'es/.DS_Store': 'ignored',
		'en': (file) => mkdir(file),
	});
	const app = await App.open(t, { tenant: null, settings: { KYCD_MAIL_TEMPLATES: folder, KYCD_LANGUAGE: 'it' } });
	app.key = await app.addTenant('shop', '--display-name', 'Böhm & <Söhne> {code}');
	const name = 'Böhm & <Söhne> {code}';
	const escaped = '<bdi>Böhm &amp; &lt;Söhne&gt; {code}</bdi>';

	const de = await sendCode(app, undefined);
	assert.match(de.mail.subject, /^Böhm & <Söhne> \{code\}: Ihr Code von \d\d:\d\d UTC$/);
	assert.equal(de.mail.text.trimEnd().replaceAll('\r', ''), `${de.code}: Ihr Code für ${name}.\n\nZiffer für Ziffer: ${[...de.code].join(' ')}\nGültig 10 Minuten.`);
	assert.ok(de.mail.html.includes(`<h1>${de.code}</h1><p>${escaped}</p>`), de.mail.html);
	assert.ok(de.mail.html.includes('<title>Böhm &amp; &lt;Söhne&gt; {code}</title><style>p { margin: 0 }</style>'), de.mail.html);
	assert.equal(de.mail.headers.get('content-language'), 'it');
	assert.equal((await sendCode(app, 'it-CH')).mail.headers.get('content-language'), 'it');
	assert.equal((await sendCode(app, 'zh')).mail.headers.get('content-language'), 'it', 'an unsupported language falls back to KYCD_LANGUAGE');

	const pt = await sendCode(app, 'pt');
	assert.ok(pt.mail.html.includes(`<h1>${pt.code}</h1><p>${escaped} ${[...pt.code].join(' ')}</p>`));
	assert.match(pt.mail.text, /^\d+ é o seu código/);
	assert.match(pt.mail.subject, /^Seu código/);
	assert.equal(pt.mail.headers.get('content-language'), 'pt-BR');
	const es = await sendCode(app, 'es');
	assert.equal(es.mail.subject, `Código: ${name}`);
	assert.match(es.mail.text, /^\d+ es su código/);
	assert.match((await sendCode(app, 'en')).mail.subject, /^Your /);

	const browser = await Browser.open(t);
	const page = await browser.page();
	await page.setContent(de.mail.html);
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.equal(await page.locator('bdi').innerText(), name);
});

test('the largest allowed message is sent', async (t) => {
	const fill = (start, size) => start + 'é\n'.repeat((size - Buffer.byteLength(start)) / 3 - 1);
	const brands = '{brand}'.repeat(31);
	const folder = await templateFolder(t, {
		'es/code.subject': '{brand}{brand}{brand}{brand}'.padEnd(200, 'x'),
		'es/code.txt': fill(`{code}${brands}`, 16_384),
		'es/code.html': fill(`{code}${brands}`, 16_384),
	});
	const app = await App.open(t, { tenant: null, settings: { KYCD_MAIL_TEMPLATES: folder } });
	for (const [i, brand] of ['漢'.repeat(40), '"'.repeat(40), '\u{1f600}'.repeat(40)].entries()) {
		const key = await app.addTenant(`t${i}`, '--display-name', brand);
		const { mail, code } = await sendCode(app, 'es', { key });
		assert.equal(mail.subject, brand.repeat(4).padEnd(brand.length * 4 + 172, 'x'));
		assert.ok(mail.text.startsWith(code + brand.repeat(31)), mail.text.slice(0, 100));
	}
});

const validText = '{code}';
/** Rows: a description, the files, the beginning of the message with file and line, and optionally a pattern for the rest. */
const invalidTemplates = [
	['a folder that is not a language', { 'x-y/code.txt': validText }, 'x-y is not a language', /it\n$/],
	['an unknown language', { 'xx/code.txt': validText }, 'xx is not a language'],
	['the name of a language instead of its tag', { 'portuguese/code.txt': validText }, 'portuguese is not a language'],
	['a language with an underscore', { 'pt_BR/code.txt': validText }, 'pt_BR is not a language'],
	['a template outside a language folder', { 'code.txt': validText }, 'code.txt is not a language'],
	['a file in place of a language folder', { en: validText }, 'en is not a folder of e-mail templates'],
	['an unknown template name', { 'en/welcome.txt': validText }, 'en/welcome.txt is not a template file', /code\.subject, code\.txt and code\.html/],
	['an unknown template part', { 'en/code.md': validText }, 'en/code.md is not a template file'],
	['a template without a file extension', { 'en/code': validText }, 'en/code is not a template file'],
	['a backup file of an editor', { 'en/code.txt~': validText }, 'en/code.txt~ is not a template file'],
	['a folder in place of a template', { 'en/code.txt/x': validText }, 'en/code.txt is not a file'],
	['a dangling symbolic link', { 'en/code.txt': (file) => symlink('/nowhere/at/all', file) }, 'en/code.txt is not a file'],
	['a named pipe', { 'en/code.txt': (file) => execFileSync('mkfifo', [file]) }, 'en/code.txt is not a file'],
	['two folders for one language', { 'pt-BR/code.txt': validText, 'pt-br/code.txt': validText }, 'pt-br exists twice'],
	['an incomplete template in a language without built-in texts', { 'it/code.html': validText, 'it/code.txt': validText }, 'it/code.subject is missing'],
	['an empty folder for a language without built-in texts', { it: (file) => mkdir(file) }, 'it/code.subject is missing'],
	['an unknown placeholder', { 'en/code.txt': '{code}\n\n{name}\n' }, 'en/code.txt:3: `{name}` is not a known placeholder', /\{code\} \{digits\} \{brand\} \{minutes\} \{time\}/],
	['an unknown placeholder in the subject', { 'en/code.subject': 'x {Brand}' }, 'en/code.subject:1: `{Brand}` is not a known placeholder'],
	['no code in the text', { 'en/code.txt': 'hello' }, 'en/code.txt:1: has no {code}'],
	['no code in the HTML', { 'es/code.html': '<p>hello</p>' }, 'es/code.html:1: has no {code}'],
	['a link', { 'en/code.html': '<p>{code}</p>\n<p>\n<a href="https://example.com">x</a></p>' }, 'en/code.html:3: <a> is not allowed in e-mails'],
	['an image', { 'pt-BR/code.html': '<p>{code}</p>\n<img alt="" src="cid:1">' }, 'pt-BR/code.html:2: <img> is not allowed in e-mails'],
	['an external resource', { 'en/code.html': '{code}\n<style>body { background: url(x) }</style>' }, 'en/code.html:2: `url(` is not allowed in e-mails'],
	['a URL in the text', { 'en/code.txt': '{code}\nhttps://example.com' }, 'en/code.txt:2: `://` is not allowed in e-mails'],
	['a lang attribute that differs from the folder', { 'en/code.html': '<!DOCTYPE html>\n<html lang="it">{code}</html>' }, 'en/code.html:2: lang="it" does not fit the folder: write lang="en"'],
	['a placeholder in an attribute', { 'en/code.html': '<html lang="{language}">{code}</html>' }, 'en/code.html:1: placeholders are allowed between elements only'],
	['a file that is too large', { 'en/code.html': '{code}'.padEnd(16_385, 'x') }, 'en/code.html:1: is too large: it may have at most 16384'],
	['a subject that is too large', { 'en/code.subject': 'x'.repeat(201) }, 'en/code.subject:1: is too large: it may have at most 200'],
	['a file of 20 MB', { 'en/code.html': '{code}'.padEnd(20_000_000, 'x') }, 'en/code.html:1: is too large'],
	['text that is not UTF-8', { 'en/code.txt': Buffer.from('{code}\n\nc\xf3digo\n', 'latin1') }, 'en/code.txt:3: is not UTF-8'],
	['a NUL character', { 'en/code.txt': '{code}\n\0' }, 'en/code.txt:2: holds a control'],
	['a subject of two lines', { 'en/code.subject': 'Code\nBcc: thief@evil.example\n' }, 'en/code.subject:2: is a second line'],
	['an empty file', { 'en/code.txt': '' }, 'en/code.txt:1: is empty'],
	['another number that looks like a code', { 'en/code.txt': '{code}\n0800123456' }, 'en/code.txt:2: holds six digits'],
];

test('an invalid template prevents the start, and `config check` prints the same message', async (t) => {
	const settings = {
		KYCD_DATABASE: 'sqlite:kycd.db',
		KYCD_SECRET_KEY: masterKey(),
		KYCD_SMTP_URL: 'smtp://127.0.0.1:2525',
		KYCD_MAIL_FROM: 'no-reply@kycd.example',
		KYCD_PUBLIC_URL: 'https://kyc.example.com',
		KYCD_DIDIT_CLIENT_ID: 'id',
		KYCD_DIDIT_CLIENT_SECRET: 'secret',
		KYCD_DIDIT_WEBHOOK_SECRET: 'w'.repeat(32),
		KYCD_LISTEN: '127.0.0.1:0',
		KYCD_ADMIN_LISTEN: '127.0.0.1:0',
	};
	for (const [name, files, problem, pattern] of invalidTemplates) {
		const folder = await templateFolder(t, files);
		for (const args of [['serve'], ['config', 'check']]) {
			const result = await run(args, { folder, settings: { ...settings, KYCD_MAIL_TEMPLATES: folder } });
			assert.equal(result.code, 1, name);
			assert.ok(result.stderr.includes(`kycd: KYCD_MAIL_TEMPLATES: ${folder}/${problem}`), `${name}: ${result.stderr}`);
			if (pattern) assert.match(result.stderr, pattern);
			assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
			assert.equal(result.stdout, '');
		}
	}
	const folder = await templateFolder(t, german);
	const check = (templates) => run(['config', 'check'], { folder, settings: { ...settings, KYCD_MAIL_TEMPLATES: templates, KYCD_LANGUAGE: 'it' } });
	assert.deepEqual(await check(folder), { code: 0, stdout: 'the settings are valid\n', stderr: '' });
	assert.equal((await check('.')).code, 0, 'a relative path starts from the working directory');
	const without = await check('');
	assert.match(without.stderr, /KYCD_LANGUAGE is a language without built-in e-mails and pages/);
	const missing = await check(path.join(folder, 'nowhere'));
	assert.equal(missing.code, 1);
	assert.match(missing.stderr, /KYCD_MAIL_TEMPLATES: .*nowhere is not a folder of language folders that this user may read/);
	if (process.getuid() !== 0) {
		await chmod(path.join(folder, 'it'), 0);
		assert.match((await check(folder)).stderr, /KYCD_MAIL_TEMPLATES: .*it is not a folder of e-mail templates/);
		await chmod(path.join(folder, 'it'), 0o700);
	}
});
