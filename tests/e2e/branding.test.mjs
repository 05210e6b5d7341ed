// The branding of tenants: `kycd tenant add` and `tenant set`, and what e-mails show of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { png } from './lib/png.mjs';

const LOGO = png(400, 100);
const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function tenants(app) {
	return JSON.parse(await app.server.run('tenant', 'list', '--json'));
}

/** Runs `kycd tenant set shop` with options; `files`: by name, written into the server's folder before. */
async function set(app, options, files = {}) {
	for (const [name, content] of Object.entries(files)) await writeFile(path.join(app.folder, name), content);
	return run(['tenant', 'set', 'shop', ...options], { settings: app.server.settings, folder: app.folder });
}

const emptyBranding = { colour: '', colour_light: '', colour_dark: '', logo: null, support_url: '', privacy_url: '', consent_text: '' };
function brandingOf(tenant) {
	return Object.fromEntries(Object.keys(emptyBranding).map((name) => [name, tenant[name]]));
}

test('tenant set stores each part of the branding, shows it, and removes it with none', async (t) => {
	const app = await App.open(t);
	assert.deepEqual(brandingOf((await tenants(app))[0]), emptyBranding);
	const all = await set(app, ['--json', '--colour', '#0052CC', '--logo', 'logo.png', '--support-url', 'https://shop.example/help',
		'--privacy-url', 'https://shop.example/privacy?a=b#c', '--consent-text', 'consent.txt'],
	{ 'logo.png': LOGO, 'consent.txt': 'I agree that Shop\nchecks my identity.\n' });
	assert.equal(all.code, 0, all.stderr);
	const branding = { colour: '#0052cc', colour_light: '#0052cc', logo: digestOf(LOGO), support_url: 'https://shop.example/help',
		privacy_url: 'https://shop.example/privacy?a=b#c', consent_text: 'I agree that Shop checks my identity.' };
	const { colour_dark: dark, ...shown } = brandingOf(JSON.parse(all.stdout));
	assert.deepEqual(shown, branding);
	assert.match(dark, /^#[0-9a-f]{6}$/);
	assert.deepEqual(brandingOf((await tenants(app))[0]), { ...branding, colour_dark: dark });
	assert.match(await app.server.run('tenant', 'list'), new RegExp(`^shop .*\\n    colour #0052cc \\(light #0052cc, dark ${dark}\\)  logo ${digestOf(LOGO).slice(0, 12)}  support https://shop\\.example/help  privacy https://shop\\.example/privacy\\?a=b#c  consent text yes$`, 'm'));

	for (const [option, names] of Object.entries({ '--colour': ['colour', 'colour_light', 'colour_dark'], '--logo': ['logo'],
		'--support-url': ['support_url'], '--privacy-url': ['privacy_url'], '--consent-text': ['consent_text'] })) {
		const before = brandingOf((await tenants(app))[0]);
		assert.equal((await set(app, [option, 'none'])).code, 0);
		const removed = Object.fromEntries(names.map((name) => [name, emptyBranding[name]]));
		assert.deepEqual(brandingOf((await tenants(app))[0]), { ...before, ...removed }, option);
	}
	assert.ok(!(await app.server.run('tenant', 'list')).includes('colour'));
	const entries = (await app.server.run('audit', 'list', '--json')).split('\n').map((line) => JSON.parse(line)).filter((entry) => entry.action === 'tenant_changed');
	assert.deepEqual(entries.map((entry) => entry.detail), Array(6).fill('branding'));
});

test('a colour without enough contrast is adjusted, and the command says so with both values', async (t) => {
	const app = await App.open(t);
	const yellow = await set(app, ['--colour', '#FFD400', '--json']);
	const shown = JSON.parse(yellow.stdout);
	assert.equal(yellow.stderr, `hint: the colour #ffd400 has a contrast of 1.32 in light mode, and text needs 4.5: pages and e-mails use ${shown.colour_light} there instead\n`);
	assert.deepEqual([shown.colour, shown.colour_dark], ['#ffd400', '#ffd400']);
	assert.notEqual(shown.colour_light, '#ffd400');
	const black = await set(app, ['--colour', '#000000']);
	assert.match(black.stderr, /^hint: the colour #000000 has a contrast of 1\.\d\d in dark mode, .* use #[0-9a-f]{6} there instead\n$/);
	const grey = await set(app, ['--colour', '#7a7a7a']);
	assert.match(grey.stderr, /in light mode, .*\n.*in dark mode, .*\n$/);
	await app.addTenant('added', '--colour', '#0052cc', '--support-url', 'https://added.example');
	assert.equal((await tenants(app)).find((row) => row.name === 'added').colour, '#0052cc');
});

const refused = [
	['a colour by name', ['--colour', 'blue'], {}, /^kycd: --colour must be # and six hexadecimal digits/],
	['a short colour', ['--colour', '#fff'], {}, /--colour must be/],
	['an empty colour', ['--colour', ''], {}, /--colour must be/],
	['a URL of another scheme', ['--support-url', 'javascript:alert(1)'], {}, /^kycd: --support-url must be a URL that begins with https/],
	['a URL with a password', ['--privacy-url', 'https://me:word@shop.example'], {}, /^kycd: --privacy-url must be a URL without user and password/],
	['a URL of 513 bytes', ['--privacy-url', `https://shop.example/${'a'.repeat(492)}`], {}, /at most 512 bytes/],
	['a logo that does not exist', ['--logo', 'secret-name.png'], {}, /^kycd: the file of --logo cannot be read: No such file or directory\n$/],
	['a folder as a logo', ['--logo', '.'], {}, /^kycd: --logo must be a regular file/],
	['an empty logo', ['--logo', 'a.png'], { 'a.png': '' }, /^kycd: --logo must be a PNG picture\n$/],
	['a JPEG', ['--logo', 'a.png'], { 'a.png': Buffer.from('ffd8ffe000104a464946', 'hex') }, /--logo must be a PNG picture/],
	['an SVG', ['--logo', 'a.png'], { 'a.png': '<svg xmlns="http://www.w3.org/2000/svg"/>' }, /--logo must be a PNG picture/],
	['a PNG that was cut off', ['--logo', 'a.png'], { 'a.png': LOGO.subarray(0, -1) }, /--logo must be a complete PNG picture/],
	['a PNG with something after it', ['--logo', 'a.png'], { 'a.png': Buffer.concat([LOGO, Buffer.from('<script>')]) }, /--logo must be a complete PNG picture/],
	['a damaged PNG', ['--logo', 'a.png'], { 'a.png': Buffer.from(LOGO.map((byte, i) => (i === 45 ? byte ^ 1 : byte))) }, /--logo must be an undamaged PNG picture/],
	['a PNG of 1025 pixels', ['--logo', 'a.png'], { 'a.png': png(1025, 1) }, /at most 1024 pixels/],
	['an animated PNG', ['--logo', 'a.png'], { 'a.png': png(4, 4, [0, 0, 0], { more: [['acTL', '\0\0\0\x01\0\0\0\0']] }) }, /without animation/],
	['a PNG of 16,385 bytes', ['--logo', 'a.png'], { 'a.png': sized(16_385) }, /^kycd: --logo must be a file of at most 16 KiB/],
	['an empty consent text', ['--consent-text', 'a.txt'], { 'a.txt': ' \n' }, /^kycd: --consent-text must be a file with a text/],
	['two paragraphs', ['--consent-text', 'a.txt'], { 'a.txt': 'One.\n\nTwo.' }, /must be one paragraph/],
	['a consent text of 2001 bytes', ['--consent-text', 'a.txt'], { 'a.txt': 'a'.repeat(2001) }, /at most 2000 bytes/],
	['a consent text that is a picture', ['--consent-text', 'a.txt'], { 'a.txt': LOGO }, /must be plain text in UTF-8/],
];

/** A PNG file of exactly this size. */
function sized(bytes) {
	return png(4, 4, [0, 0, 0], { noise: Buffer.alloc(bytes - png(4, 4, [0, 0, 0]).length - 12, 7) });
}

test('values that cannot be used are refused and change nothing', async (t) => {
	const app = await App.open(t);
	for (const [name, options, files, message] of refused) {
		const { code, stdout, stderr } = await set(app, ['--display-name', 'Changed', ...options], files);
		assert.deepEqual([code, stdout], [2, ''], name);
		assert.match(stderr, message, name);
	}
	assert.deepEqual(brandingOf((await tenants(app))[0]), emptyBranding);
	assert.equal((await tenants(app))[0].display_name, '');
	const none = await run(['tenant', 'add', 'other', '--colour', 'none'], { settings: app.server.settings, folder: app.folder });
	assert.deepEqual([none.code, none.stderr.slice(0, 30)], [2, 'kycd: --colour must be # and s']);
	assert.equal((await set(app, ['--logo', 'largest.png'], { 'largest.png': sized(16_384) })).code, 0);
	assert.equal((await tenants(app))[0].logo, digestOf(sized(16_384)));
});

test('an e-mail has the logo as an attachment that its HTML refers to, and the code in both forms', async (t) => {
	const app = await App.open(t);
	await set(app, ['--logo', 'logo.png', '--colour', '#0052CC', '--display-name', 'Ana\'s <Shop>'], { 'logo.png': LOGO });
	const email = newEmail();
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	const { mail: message } = await app.mailServer.messageTo(email);
	const [logo] = message.attachments;
	assert.deepEqual([message.attachments.length, logo.contentType, logo.contentDisposition, logo.content.equals(LOGO)], [1, 'image/png', 'inline', true]);
	assert.ok(message.html.includes('data:image/png') || message.html.includes(`cid:${logo.cid}`), 'the HTML shows the attachment');
	const code = /\b\d{6}\b/.exec(message.text)[0];
	assert.ok(message.html.includes(code));
	assert.ok(!message.html.includes('<Shop>'));
	assert.doesNotMatch(message.html, /(src|href)="https?:/, 'the e-mail loads nothing');
});
