// The pages of docs/ as the program serves them: HTML and Markdown below /docs/, and /llms.txt, which lists them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { App } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';

const docs = new URL('../../docs/', import.meta.url);

async function start(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	return (path, options) => fetch(new URL(path, server.base), { redirect: 'manual', ...options });
}

test('llms.txt lists pages, and each page is served as the repository has it', async (t) => {
	const get = await start(t);
	const list = await get('/llms.txt');
	assert.equal(list.headers.get('content-type'), 'text/plain; charset=utf-8');
	const text = await list.text();
	assert.match(text, /^# kycd\n\n> .+\n\n## Documentation\n\n- /);
	const links = [...text.matchAll(/^- \[(.+)\]\((\S+)\): (.+)$/gm)];
	const pages = links.filter(([, , link]) => link.endsWith('.md'));
	assert.ok(pages.length >= 9);
	for (const [, title, link, summary] of pages) {
		const page = await get(link);
		assert.equal(page.status, 200, link);
		assert.equal(page.headers.get('content-type'), 'text/markdown; charset=utf-8');
		const served = await page.text();
		assert.equal(served, await readFile(new URL(link.replace('/docs/', ''), docs), 'utf8'));
		assert.ok(served.startsWith(`# ${title}\n`), title);
		assert.match(summary, /^\S.*\.$/);
		assert.doesNotMatch(summary, /[[\]*]/);
	}
	for (const [, , link] of links) assert.equal((await get(link)).status, 200, link);
	assert.equal((await get('/llms.txt', { method: 'HEAD' })).status, 200);
});

test('links between the served pages lead to served pages', async (t) => {
	const get = await start(t);
	for (const [, link] of (await (await get('/llms.txt')).text()).matchAll(/\]\((\/docs\/\S+)\)/g)) {
		const page = await (await get(link)).text();
		for (const [, target] of page.matchAll(/\]\(([a-z-]+\.md)(?:#[^)]*)?\)/g)) {
			if (['measurements.md', 'dependencies.md', 'plan.md'].includes(target)) continue; // for developers of kycd
			assert.equal((await get(`/docs/${target}`)).status, 200, `${target} in ${link}`);
		}
	}
});

const unescape = (text) => text.replace(/&(lt|gt|quot|amp|#39);/g, (_, name) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[name]);

test('every link and anchor in the pages as HTML leads to a page and a heading', async (t) => {
	const get = await start(t);
	const pages = new Map();
	const load = async (path) => {
		if (!pages.has(path)) {
			const answer = await get(path);
			pages.set(path, { status: answer.status, text: answer.headers.get('content-type')?.startsWith('text/html') ? await answer.text() : '' });
		}
		return pages.get(path);
	};
	const links = (await (await get('/llms.txt')).text()).match(/\/docs\/[a-z-]+(?=\.md)/g);
	assert.ok(links.length >= 9);
	for (const from of ['/docs', ...links]) {
		const { status, text } = await load(from);
		assert.equal(status, 200, from);
		assert.match(text, /^<!DOCTYPE html>/);
		assert.doesNotMatch(text, /<!--|<(?!!DOCTYPE|\/?[a-z])/, from);
		for (const [, href] of text.matchAll(/href="([^"]*)"/g)) {
			if (/^https?:|^mailto:/.test(href) || href.startsWith('/sandbox/')) continue;
			const [path, anchor] = unescape(href).split('#');
			const target = await load(path || from);
			assert.equal(target.status, 200, `${href} in ${from}`);
			if (anchor) assert.ok(target.text.includes(`id="${anchor}"`), `${href} in ${from}`);
		}
	}
	assert.match((await load('/docs/reasons')).text, /<th>Reason<\/th>/, 'tables are tables');
});

test('KYCD_DOCS=1 serves the documentation outside of development mode, with samples that send the API key', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DOCS: '1', KYCD_PUBLIC_URL: 'https://kyc.shop.example' } });
	const get = (path) => fetch(new URL(path, app.server.base), { redirect: 'manual' });
	for (const path of ['/docs/integrating.md', '/docs/integrating', '/llms.txt']) assert.equal((await get(path)).status, 200, path);
	const page = await (await get('/docs')).text();
	assert.match(page, /x-api-key: \$KYCD_API_KEY/);
	assert.match(page, /https:\/\/kyc\.shop\.example\/kyc\/prepare/);
	assert.doesNotMatch(page, /inbox|class="try"|Development mode/);
	assert.equal((await get('/')).status, 404, 'only in development mode / leads to the reference');
});

test('the reference links the inbox only if e-mails are captured', async (t) => {
	const reference = async (settings) => (await (await start(t, settings))('/docs')).text();
	assert.match(await reference(), /href="\/sandbox\/inbox"/);
	assert.doesNotMatch(await reference({ KYCD_SMTP_URL: 'smtp://127.0.0.1:2525', KYCD_MAIL_FROM: 'kyc@example.com' }), /sandbox\/inbox/);
});

test('other paths below /docs/ are not found, and without KYCD_DOCS nothing is served outside of development mode', async (t) => {
	const get = await start(t);
	for (const path of ['/docs/plan.md', '/docs/plan', '/docs/integrat', '/docs/..%2Fkycd.conf', '/docs/%2e%2e/README.md', '/docs/'])
		assert.equal((await get(path)).status, 404, path);
	const app = await App.open(t);
	for (const path of ['/docs/integrating.md', '/docs/integrating', '/llms.txt', '/docs']) assert.equal((await fetch(new URL(path, app.server.base))).status, 404, path);
});
