// The system page of the console: the checks run beside the server, on demand and one at a time; instances and backups are shown.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser, follow } from './lib/browser.mjs';
import { ON_POSTGRES, pageTest } from './lib/database.mjs';
import { ConsoleClient, ConsoleServer } from './lib/console.mjs';
import { until } from './lib/wait.mjs';

const UNIT = fileURLToPath(new URL('../../packaging/kycd.service', import.meta.url));
const UNDER_UNIT = fileURLToPath(new URL('lib/under_unit.py', import.meta.url));

/** Returns the command lines of the processes that the server has started and that still run. */
async function childrenOf(server) {
	const lines = [];
	for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
		if (Number(stat.split(') ')[1]?.split(' ')[1]) === server.child.pid) lines.push((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim());
	}
	return lines;
}

const countAudit = async (server, action) => (await server.command('audit', 'list')).split('\n').filter((line) => line.includes(action)).length;
const checkedPage = (client) => until('the checks to end', async () => {
	const { text } = await client.get('/console/system');
	return !text.includes('The checks are running.') && /Checked on/.test(text) && text;
}, 60_000);

test('opening the page starts the checks once; its verdict, instances and backups are current', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const first = await client.get('/console/system');
	assert.equal(first.http, 200);
	assert.match(first.text, /The checks are running\./);
	for (let i = 0; i < 3; i++) assert.equal((await client.post('/console/system/check')).http, 303);
	assert.ok((await childrenOf(server)).length <= 1, 'one run at a time');
	const page = await checkedPage(client);
	assert.match(page, /<h2 id="verdict">(Everything works\.|kycd works\. Look at \d+ things? when you have time\.)<\/h2>/);
	assert.match(page, /the master key has the id/);
	assert.match(page, ON_POSTGRES ? /kycd makes no backups of it/ : /Development mode needs no backups\./);
	assert.match(page, /\(answers this page\)/);
	assert.match(page, /<span class="badge good">Serves<\/span>/);
	assert.equal(await countAudit(server, 'checks_started'), 3);
	assert.deepEqual(await childrenOf(server), []);
	assert.match((await client.get('/console/system')).text, /Checked on/, 'a result of less than ten minutes is not replaced');
	assert.deepEqual(await childrenOf(server), []);
});

pageTest('the page shows the end of the checks by itself; a server that stops ends them', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.site] });
	const [name, value] = client.cookie.split('=');
	await page.context().addCookies([{ name, value, url: server.site }]);
	await page.goto(`${server.site}/console/system`);
	await page.locator('#verdict + p', { hasText: /^Checked on [^.]*\.$/ }).waitFor({ timeout: 60_000 });
	await follow(page, page.getByRole('button', { name: 'Check again' }));
	assert.equal(await page.getByText('The checks have begun.').count(), 1);
	const [line] = await childrenOf(server);
	if (line !== undefined) assert.match(line, /kycd doctor --dev/);
	await server.stop();
	assert.deepEqual(await childrenOf(server), []);
});

pageTest("the checks run under the systemd unit's filter of system calls", async (t) => {
	const server = await ConsoleServer.open(t, { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` }, { under: [UNDER_UNIT, UNIT] });
	const client = await ConsoleClient.ofDev(server);
	const page = await checkedPage(client);
	assert.match(page, /the database is intact/);
	// The real filter refuses to read the state of the clock, and the check says so; here the refused call ends the check.
	const crashed = [...page.matchAll(/<strong>(\w+)<\/strong>: the check crashed/g)].map(([, check]) => check);
	assert.deepEqual([...new Set(crashed)], ['clock']);
});
