// The packages of the client libraries (run `make clients` first): the programs in their README files run with a server in
// development mode, and verify deliveries that the library of Standard Webhooks has signed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { LANGUAGES, clientsFolder, installExample, installProgram } from './lib/client_packages.mjs';
import { call, freePort } from './lib/http.mjs';
import { Server, makeFolder, removeFolder, temporaryFolder } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

const { Webhook } = createRequire(path.join(clientsFolder, 'typescript/package.json'))('standardwebhooks');
const exec = promisify(execFile);

async function inDev(t, settings = {}) {
  const folder = await makeFolder();
  const server = new Server({ folder, args: ['--dev'], settings });
  t.after(async () => {
    await server.stop().finally(() => server.kill());
    await removeFolder(folder);
  });
  return { folder, server: await server.start() };
}

/** Runs a program of a README until it exits. Returns its standard output. */
async function runExample(folder, language, name, replacements) {
  const { command, args, env } = await installExample(folder, language, name, replacements);
  return (await exec(command, args, { cwd: folder, env, timeout: 60_000 })).stdout.trim();
}

/** Programs that make six calls with the key, print the status words, and then make a call with a wrong key. */
const SIX_CALLS = {
  typescript: `
import { AuthenticationError, Kycd } from 'kycd-client';
const [baseUrl, apiKey] = process.argv.slice(2);
const answers = await Promise.all(Array.from({ length: 6 }, () => new Kycd({ baseUrl, apiKey, maxRetries: 9 }).getQuota()));
console.log(...answers.map(({ status }) => status));
await new Kycd({ baseUrl, apiKey: 'wrong' }).getQuota().catch((error) => console.log(error instanceof AuthenticationError, error.status, error.httpStatus, error.requestId !== ''));
`,
  python: `
import sys
from concurrent.futures import ThreadPoolExecutor
from kycd_client import AuthenticationError, Kycd
base_url, key = sys.argv[1:]
kycd = Kycd(base_url, key, max_retries=9)
with ThreadPoolExecutor(6) as pool:
    print(*[answer.status for answer in pool.map(lambda _: kycd.get_quota(), range(6))])
try:
    Kycd(base_url, "wrong").get_quota()
except AuthenticationError as error:
    print("true", error.status, error.http_status, str(error.request_id != "").lower())
`,
};

/** Programs that repeat a call with the same idempotency key, and then use the key for another call. */
const REPEATED_CALL = {
  typescript: `
import { IdempotencyKeyReusedError, Kycd } from 'kycd-client';
const [baseUrl, apiKey] = process.argv.slice(2);
const kycd = new Kycd({ baseUrl, apiKey });
for (const email of ['ana@example.com', 'ana@example.com', 'rui@example.com'])
  try {
    const { status, replayed, data } = await kycd.prepareKyc({ email, include: ['reasons', 'next_action'] }, { idempotencyKey: 'order-1' });
    console.log(status, replayed, data.next_action);
  } catch (error) {
    console.log(error instanceof IdempotencyKeyReusedError, error.status);
  }
`,
  python: `
import sys
from kycd_client import IdempotencyKeyReusedError, Kycd
kycd = Kycd(*sys.argv[1:])
for email in ["ana@example.com", "ana@example.com", "rui@example.com"]:
    try:
        answer = kycd.prepare_kyc(email=email, include=["reasons", "next_action"], idempotency_key="order-1")
        print(answer.status, str(answer.replayed).lower(), answer.data["next_action"])
    except IdempotencyKeyReusedError as error:
        print("true", error.status)
`,
};

for (const language of Object.keys(LANGUAGES)) {
  test(`${language}: a repeated call with the same idempotency key gets the first answer`, async (t) => {
    const { folder, server } = await inDev(t);
    await server.run('tenant', 'add', 'shop', '--dev');
    const key = await server.run('key', 'create', '--dev', '--tenant', 'shop');
    const { command, args, env } = await installProgram(folder, language, REPEATED_CALL[language]);
    const { stdout } = await exec(command, [...args, server.base, key], { cwd: folder, env, timeout: 60_000 });
    assert.equal(stdout, 'user_prepared false verify_email\nuser_prepared true verify_email\ntrue idempotency_key_reused\n');
  });

  test(`${language}: calls above the rate limit of the key succeed after Retry-After`, async (t) => {
    const { folder, server } = await inDev(t, { KYCD_RATE_PER_SECOND: 2 });
    await server.run('tenant', 'add', 'shop', '--dev');
    const key = await server.run('key', 'create', '--dev', '--tenant', 'shop');
    const { command, args, env } = await installProgram(folder, language, SIX_CALLS[language]);
    const { stdout } = await exec(command, [...args, server.base, key], { cwd: folder, env, timeout: 60_000 });
    assert.equal(stdout, `${Array(6).fill('quota_retrieved').join(' ')}\ntrue unauthorized 401 true\n`);
    assert.ok((await server.metric('kycd_requests_total', { status: '429' })) > 0, 'some calls were refused first');
  });

  test(`${language}: the README's flow ends with approved`, async (t) => {
    const { folder, server } = await inDev(t);
    assert.equal(await runExample(folder, language, 'flow', { 'http://127.0.0.1:8080': server.base }), 'approved');
  });

  test(`${language}: the README's handling of errors finds an unknown person`, async (t) => {
    const { folder, server } = await inDev(t);
    assert.match(await runExample(folder, language, 'errors', { 'http://127.0.0.1:8080': server.base }), /^call prepare_?[kK]yc first$/);
  });

  test(`${language}: the README's receiver accepts deliveries of Standard Webhooks, and no others`, async (t) => {
    const folder = await temporaryFolder(t);
    const port = await freePort();
    const { command, args, env } = await installExample(folder, language, 'receiver', { 9000: port });
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const child = spawn(command, args, { cwd: folder, env: { ...env, KYCD_WEBHOOK_SECRET: secret }, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    const url = `http://127.0.0.1:${port}/`;
    await until('the receiver to listen', async () => (await call(url, { method: 'POST', body: {} })).http === 400, 20_000);

    const body = JSON.stringify({ id: 'evt_1', type: 'kyc.updated', timestamp: new Date().toISOString(), sequence: 1, data: { user_id: 'usr_1', status: 'approved' } });
    const deliver = async ({ signer = secret, when = new Date(), sent = body, others = '' }) => {
      const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(when / 1000)), 'webhook-signature': others + new Webhook(signer).sign('evt_1', when, body) };
      return (await fetch(url, { method: 'POST', headers, body: sent })).status;
    };
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    assert.equal(await deliver({}), 204);
    assert.equal(await deliver({ others: `${new Webhook(other).sign('evt_1', new Date(), body)} v1a,AAAA ` }), 204, 'several signatures');
    assert.equal(await deliver({ signer: other }), 400, 'another secret');
    assert.equal(await deliver({ sent: body.replace('approved', 'declined') }), 400, 'another body');
    assert.equal(await deliver({ when: new Date(Date.now() - 310_000) }), 400, 'too old');
    assert.equal(await deliver({ when: new Date(Date.now() + 310_000) }), 400, 'too new');
    await until('the output', () => stdout.split('\n').length === 3);
    assert.equal(stdout, 'usr_1 approved\nusr_1 approved\n');
  });

  // Replace this fake by the server when kycd has the event feed (clients/coverage.json, pending_operations).
  test(`${language}: the README's reader of the feed continues at its cursor`, async (t) => {
    const folder = await temporaryFolder(t);
    const all = ['evt_1', 'evt_2', 'evt_3'].map((id) => ({ id, type: 'user.prepared', timestamp: '2026-11-29T19:46:22.897Z', sequence: 1, data: {} }));
    let visible = 2;
    const feed = createServer((request, response) => {
      const after = new URL(request.url, 'http://feed').searchParams.get('after');
      const events = all.slice(all.findIndex(({ id }) => id === after) + 1, visible);
      const data = { events, next_after: events.at(-1)?.id ?? after, has_more: false };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ statusCode: 200, success: true, status: 'events_retrieved', message: '', data }));
    }).listen(0, '127.0.0.1');
    await once(feed, 'listening');
    t.after(() => within('the end of the feed', 5_000, new Promise((resolve) => feed.close(resolve))));
    const read = () => runExample(folder, language, 'feed', { 'http://127.0.0.1:8080': `http://127.0.0.1:${feed.address().port}` });
    assert.equal(await read(), 'user.prepared evt_1\nuser.prepared evt_2');
    assert.equal(await readFile(path.join(folder, 'cursor'), 'utf8'), 'evt_2');
    visible = 3;
    assert.equal(await read(), 'user.prepared evt_3');
    assert.equal(await read(), '');
  });
}
