// The console behind the reverse proxies that docs/console.md describes, with their configuration files in packaging/.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App } from './lib/app.mjs';
import { freePort } from './lib/http.mjs';
import { Proxy, installed, proxies } from './lib/proxy.mjs';
import { until } from './lib/wait.mjs';

for (const name of Object.keys(proxies))
	test(`the console works behind ${name}, beside the public pages, and its log contains no token`, { skip: !installed(name) && `${name} is not installed` }, async (t) => {
		const [port, listen] = [await freePort(), await freePort()];
		const app = await App.open(t, { settings: { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_CONSOLE_LISTEN: `127.0.0.1:${listen}`, KYCD_CONSOLE_URL: `https://localhost:${port}` } });
		const proxy = await Proxy.open(t, app, name, [], { port, upstream: `127.0.0.1:${listen}` });
		const call = (where, headers = {}) => proxy.call('GET', where, { port, headers: { host: `localhost:${port}`, ...headers } });
		const page = await call('/console/sign-in?back=%2Fconsole%2Fplanted-query');
		assert.equal(page.http, 200, page.text);
		assert.match(page.headers['strict-transport-security'], /max-age=31536000/);
		const [, style] = /href="(\/assets\/[^"]+)"/.exec(page.text);
		assert.equal((await call(style)).http, 200);
		assert.equal((await call('/kyc/status?email=ana@example.com')).http, 404, 'the API is not there');
		assert.equal((await proxy.call('GET', '/console/sign-in')).http, 404, 'the console is not on the public host');

		const url = await app.server.run('operator', 'add', 'ana@example.com', '--role', 'admin');
		assert.ok(url.startsWith(`https://localhost:${port}/console/register/`));
		const token = url.split('/').at(-1);
		assert.equal((await call(`/console/register/${token}`)).http, 200);
		assert.equal((await call(`/console/register/${token.slice(1)}x`)).http, 410);
		const logs = await until('the requests to be in the log of the proxy', async () => {
			const text = await proxy.allLogs();
			return (text.match(/\/register\//g) ?? []).length >= 2 && text;
		});
		for (const secret of [token, token.slice(1), 'planted-query']) assert.ok(!logs.includes(secret), `${secret} in the log`);
	});
