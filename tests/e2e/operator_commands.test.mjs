// The commands `kycd operator add|link|list|disable`: who may use the console, and their one-time links.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { hexColumn, queryDatabase, resolveDatabase } from './lib/database.mjs';
import { run, temporaryFolder } from './lib/kycd.mjs';
import { v3Credentials, validSettings } from './lib/settings.mjs';

const ORIGIN = 'https://console.example.com';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const DAY_MS = 24 * 3600 * 1000;

/** An installation with an empty database and a console, and functions that run the commands. */
async function install(t, change = { KYCD_CONSOLE_URL: ORIGIN }) {
	const folder = await temporaryFolder(t);
	const settings = await resolveDatabase({ ...validSettings(v3Credentials), ...change }, [], folder);
	const command = (words, options = {}) => run(words, { settings: { ...settings, ...options.settings }, folder, input: options.input });
	assert.equal((await command(['db', 'migrate'])).code, 0);
	const operator = (...words) => command(['operator', ...words]);
	const list = async () => JSON.parse((await operator('list', '--json')).stdout);
	return { folder, settings, command, operator, list, server: { settings } };
}

/** Expects a command to succeed, and returns what it printed. */
function done({ code, stdout, stderr }) {
	assert.equal(code, 0, stderr);
	return { stdout, stderr };
}

/** Expects a command to fail with one line that matches, and to print nothing else. */
function refused(result, pattern, code = 1) {
	assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
	assert.match(result.stderr, pattern);
	assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
}

function tokenOf(line, origin = ORIGIN) {
	const start = `${origin}/console/register/`;
	assert.ok(line.startsWith(start), line);
	const token = line.trim().slice(start.length);
	assert.match(token, TOKEN);
	return token;
}

test('add prints a one-time link as the only line of standard output, and until when it works', async (t) => {
	const kycd = await install(t);
	const { stdout, stderr } = done(await kycd.operator('add', 'Ana@Example.com', '--role', 'admin'));
	tokenOf(stdout);
	const [, id, until] = /\((op_[0-9a-z]{26})\).* until ([0-9TZ:.-]+);.*voids it/.exec(stderr);
	assert.ok(Math.abs(new Date(until) - Date.now() - DAY_MS) < 60_000, until);
	const [row] = await kycd.list();
	assert.deepEqual({ ...row, created_at: 0, link_expires_at: 0 },
		{ id, email: 'ana@example.com', role: 'admin', tenants: null, passkeys: 0, state: 'invited', link_expires_at: 0, last_sign_in_at: null, created_at: 0, disabled_at: null });
	assert.equal(row.link_expires_at, until);
	const json = JSON.parse(done(await kycd.operator('add', 'bo@example.com', '--role', 'viewer', '--json')).stdout);
	assert.deepEqual(Object.keys(json), ['id', 'url', 'expires_at']);
	tokenOf(json.url);
});

test('an operator is limited to the tenants of --tenant, and list shows them by name', async (t) => {
	const kycd = await install(t);
	for (const name of ['acme', 'beta', 'gamma']) done(await kycd.command(['tenant', 'add', name]));
	done(await kycd.operator('add', 'ana@example.com', '--role', 'reviewer', '--tenant', 'gamma', '--tenant', 'acme', '--tenant', 'gamma'));
	done(await kycd.operator('add', 'bo@example.com', '--role', 'viewer'));
	done(await kycd.command(['tenant', 'rename', 'acme', 'acme-2']));
	assert.deepEqual((await kycd.list()).map(({ email, role, tenants }) => [email, role, tenants]),
		[['ana@example.com', 'reviewer', ['gamma', 'acme-2']], ['bo@example.com', 'viewer', null]]);
	const lines = done(await kycd.operator('list')).stdout.trim().split('\n');
	assert.match(lines[0], /^ana@example\.com +reviewer +invited +passkeys 0 +last sign-in - +tenants gamma, acme-2$/);
	assert.match(lines[1], /^bo@example\.com +viewer +invited .* tenants all$/);
});

test('list is empty without operators', async (t) => {
	const kycd = await install(t);
	assert.equal(done(await kycd.operator('list')).stdout, '');
	assert.deepEqual(await kycd.list(), []);
});

test('wrong arguments are refused and change nothing', async (t) => {
	const kycd = await install(t);
	done(await kycd.command(['tenant', 'add', 'acme']));
	const rows = [
		[['add', 'ana@example.com'], /--role must be one of viewer, reviewer and admin/, 2],
		[['add', 'ana@example.com', '--role', 'owner'], /--role must be one of/, 2],
		[['add', 'ana@example.com', '--role', 'Admin'], /--role must be one of/, 2],
		[['add', 'ana', '--role', 'admin'], /this is not an e-mail address/, 2],
		[['add', '', '--role', 'admin'], /this is not an e-mail address/, 2],
		[['add', 'ana@example.com', '--role', 'admin', '--tenant', 'nobody'], /there is no tenant with this name/, 1],
		[['add', 'ana@example.com', '--role', 'admin', '--tenant', 'acme', '--tenant', ''], /there is no tenant with this name/, 1],
		[['add', 'ana@example.com', '--role', 'admin', ...Array(17).fill(['--tenant', 'acme']).flat()], /at most 16 tenants/, 1],
		[['link', 'ana@example.com'], /there is no operator with this e-mail address/, 1],
		[['disable', 'ana@example.com'], /there is no operator with this e-mail address/, 1],
		[['disable', 'ana'], /this is not an e-mail address/, 2],
	];
	for (const [words, pattern, code] of rows) refused(await kycd.operator(...words), pattern, code);
	assert.deepEqual(await kycd.list(), []);
});

test('without KYCD_CONSOLE_URL add and link are refused before anything is written', async (t) => {
	const kycd = await install(t);
	const settings = { KYCD_CONSOLE_URL: undefined };
	refused(await kycd.command(['operator', 'add', 'ana@example.com', '--role', 'admin'], { settings }), /KYCD_CONSOLE_URL is not set/);
	assert.deepEqual(await kycd.list(), []);
	const first = tokenOf(done(await kycd.operator('add', 'ana@example.com', '--role', 'admin')).stdout);
	const before = queryDatabase(kycd, `SELECT ${hexColumn('link_digest')} FROM operator_accounts`);
	refused(await kycd.command(['operator', 'link', 'ana@example.com'], { settings }), /KYCD_CONSOLE_URL is not set/);
	assert.equal(queryDatabase(kycd, `SELECT ${hexColumn('link_digest')} FROM operator_accounts`), before, `the link ${first} still works`);
	done(await kycd.command(['operator', 'disable', 'ana@example.com'], { settings }));
});

test('an operator is added once; link makes a new link that replaces the older one', async (t) => {
	const kycd = await install(t);
	const first = tokenOf(done(await kycd.operator('add', 'ana@example.com', '--role', 'admin')).stdout);
	const digest = () => queryDatabase(kycd, `SELECT ${hexColumn('link_digest')} FROM operator_accounts`);
	const before = digest();
	refused(await kycd.operator('add', ' ANA@example.com ', '--role', 'viewer'), /there is an operator with this e-mail address already.*kycd operator link/);
	assert.equal(digest(), before);
	assert.equal((await kycd.list())[0].role, 'admin');
	const second = tokenOf(done(await kycd.operator('link', 'Ana@Example.com')).stdout);
	assert.notEqual(second, first);
	assert.notEqual(digest(), before, 'the row has one link');
});

test('of several commands that add the same operator at the same time, one succeeds', async (t) => {
	const kycd = await install(t);
	for (let round = 0; round < 3; round++) {
		const results = await Promise.all(Array.from({ length: 4 }, () => kycd.operator('add', `ana${round}@example.com`, '--role', 'viewer')));
		assert.deepEqual(results.map(({ code }) => code).sort(), [0, 1, 1, 1], results.map(({ stderr }) => stderr).join(''));
		assert.equal((await kycd.list()).length, round + 1);
	}
});

test('disable removes the link, can be repeated, and add enables the operator again with the new role', async (t) => {
	const kycd = await install(t);
	done(await kycd.operator('add', 'ana@example.com', '--role', 'admin'));
	const [{ id }] = await kycd.list();
	assert.match(done(await kycd.operator('disable', 'ana@example.com')).stderr, new RegExp(`Operator ${id} is disabled`));
	const [{ disabled_at: at, ...row }] = await kycd.list();
	assert.deepEqual([row.state, row.link_expires_at, row.passkeys], ['disabled', null, 0]);
	assert.ok(Math.abs(new Date(at) - Date.now()) < 60_000);
	assert.deepEqual(JSON.parse(done(await kycd.operator('disable', 'ana@example.com', '--json')).stdout), { id, disabled: true });
	assert.equal((await kycd.list())[0].disabled_at, at, 'the second time changes nothing');
	refused(await kycd.operator('link', 'ana@example.com'), /this operator is disabled.*kycd operator add/);
	tokenOf(done(await kycd.operator('add', 'ana@example.com', '--role', 'viewer')).stdout);
	const [again] = await kycd.list();
	assert.deepEqual([again.id, again.role, again.state, again.disabled_at], [id, 'viewer', 'invited', null]);
});

test('each command is an audit entry with the id of the operator and without the address', async (t) => {
	const kycd = await install(t);
	done(await kycd.operator('add', 'ana@example.com', '--role', 'reviewer'));
	done(await kycd.operator('link', 'ana@example.com'));
	done(await kycd.operator('disable', 'ana@example.com'));
	done(await kycd.operator('disable', 'ana@example.com'));
	done(await kycd.operator('add', 'ana@example.com', '--role', 'admin'));
	const [{ id }] = await kycd.list();
	const { stdout } = done(await kycd.command(['audit', 'list']));
	const entries = stdout.trim().split('\n').map((line) => line.trim().split(/ {2,}/));
	assert.deepEqual(entries.map(([, action, actor, subject]) => [action, actor, subject]),
		['operator_added', 'operator_link_created', 'operator_disabled', 'operator_added'].map((action) => [action, 'operator', id]));
	assert.deepEqual(entries.map((entry) => entry.at(-1)), ['reviewer', '-', '-', 'admin']);
	assert.ok(!stdout.includes('ana'));
});

test('with - the address is read from standard input', async (t) => {
	const kycd = await install(t);
	const add = ['operator', 'add', '-', '--role', 'admin'];
	tokenOf(done(await kycd.command(add, { input: ' Ana@example.com \nbo@example.com\n' })).stdout);
	tokenOf(done(await kycd.command(['operator', 'link', '-'], { input: 'ana@example.com' })).stdout);
	done(await kycd.command(['operator', 'disable', '-'], { input: 'ana@example.com\n' }));
	assert.deepEqual((await kycd.list()).map(({ email, state }) => [email, state]), [['ana@example.com', 'disabled']]);
	refused(await kycd.command(add, { input: '' }), /standard input has no line/, 2);
	refused(await kycd.command(add, { input: 'x'.repeat(2000) }), /first line is too long/, 2);
});

test('neither the address nor the token of the link is readable in the database', async (t) => {
	const kycd = await install(t);
	const email = 'zelda.planted@windmill-planted.example';
	const token = tokenOf(done(await kycd.operator('add', email, '--role', 'admin')).stdout);
	const places = { query: queryDatabase(kycd, 'SELECT * FROM operator_accounts') };
	for (const name of await readdir(kycd.folder)) places[name] = await readFile(path.join(kycd.folder, name), 'latin1');
	for (const text of [email, token, Buffer.from(token, 'base64url').toString('latin1'), Buffer.from(token, 'base64url').toString('hex')])
		for (const encoded of [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)])
			for (const [place, content] of Object.entries(places)) assert.ok(!content.toLowerCase().includes(encoded.toLowerCase()), `${encoded} in ${place}`);
});

test('with --dev the link is on the public listener, and open development mode has none', async (t) => {
	const kycd = await install(t);
	const settings = { KYCD_SECRET_KEY: undefined, KYCD_DATABASE: 'sqlite:var/dev.db', KYCD_LISTEN: '127.0.0.1:18080' };
	const dev = (words, change = {}) => kycd.command([...words, '--dev'], { settings: { ...settings, ...change } });
	done(await dev(['db', 'migrate']));
	tokenOf(done(await dev(['operator', 'add', 'ana@example.com', '--role', 'admin'])).stdout, 'http://localhost:18080');
	for (const change of [{ KYCD_DEV_OPEN: 1 }, { KYCD_LISTEN: '127.0.0.1:0' }])
		refused(await dev(['operator', 'link', 'ana@example.com'], change), /development mode has no console/);
});
