// Requests, answers, errors, retries and time limits.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import test from 'node:test';
import * as client from '../../../build-clients/typescript/dist/index.js';
import { envelope, scriptedServer } from './scripted_server.mjs';

const { Kycd } = client;
const SENT = envelope(201, 'otp_sent');
const KEY = 'kycd_secret';
const busy = (retryAfter, statusCode = 503) => envelope(statusCode, 'unavailable', { headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });
const failureOf = (promise) => promise.then(() => assert.fail('the call must fail'), (error) => error);

test('an answer has the members of the envelope', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, envelope(200, 'quota_retrieved', { data: { used: 3 }, headers: { 'idempotency-replayed': 'true' } }));
  assert.deepEqual(await new Kycd({ baseUrl: `${baseUrl}/api/`, apiKey: `${KEY}\n` }).getQuota(), {
    status: 'quota_retrieved', httpStatus: 200, message: 'message of quota_retrieved', data: { used: 3 }, requestId: 'req-1', replayed: true,
  });
  assert.equal(requests[0].url, '/api/v1/quota');
  assert.equal(requests[0].headers['x-api-key'], KEY);
});

for (const [httpStatus, name, parents] of [
  [400, 'InvalidRequestError', []], [401, 'AuthenticationError', []], [403, 'ForbiddenError', []], [404, 'NotFoundError', []],
  [409, 'ConflictError', []], [410, 'CursorExpiredError', []], [422, 'IdempotencyKeyReusedError', []], [429, 'RateLimitError', []],
  [500, 'ServerError', []], [503, 'UnavailableError', ['ServerError']], [504, 'ServerError', []], [415, 'ApiError', []],
])
  test(`${httpStatus} throws a ${name} with the facts of the answer`, async (t) => {
    const { requests, baseUrl } = await scriptedServer(t, envelope(httpStatus, 'some_word', { details: { cause: 'why' } }));
    const error = await failureOf(new Kycd({ baseUrl }).sendEmailOtp({ email: 'ana@example.com' }));
    assert.equal(error.name, name);
    for (const parent of [name, ...parents, 'ApiError', 'KycdError']) assert.ok(error instanceof client[parent], parent);
    const { status, details, requestId, retryAfter, message } = error;
    assert.deepEqual({ status, details, requestId, retryAfter, message, httpStatus: error.httpStatus },
      { status: 'some_word', details: { cause: 'why' }, requestId: 'req-1', retryAfter: undefined, message: 'message of some_word', httpStatus });
    assert.equal(requests.length, 1, 'without Retry-After there is no second attempt');
  });

for (const { name, answer, expected } of [
  { name: '401 without envelope', answer: { statusCode: 401, body: '{"code":401,"message":"no key"}' }, expected: ['AuthenticationError', 'unauthorized', 'no key'] },
  { name: '429 without envelope', answer: { statusCode: 429, body: '{"code":429,"message":"slowly"}' }, expected: ['RateLimitError', 'too_many_requests', 'slowly'] },
  { name: 'a page of a proxy', answer: { statusCode: 502, body: '<h1>ana@example.com</h1>' }, expected: ['ServerError', 'unknown_answer', 'HTTP status 502 without an answer of kycd'] },
  { name: 'a success that is not JSON', answer: { statusCode: 200, body: 'fine' }, expected: ['ApiError', 'unknown_answer', 'HTTP status 200 without an answer of kycd'] },
  { name: 'a redirect', answer: { statusCode: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }, expected: ['ApiError', 'unknown_answer', 'HTTP status 302 without an answer of kycd'] },
])
  test(`${name} is an error`, async (t) => {
    const { requests, baseUrl } = await scriptedServer(t, answer);
    const error = await failureOf(new Kycd({ baseUrl, apiKey: KEY }).getQuota());
    assert.deepEqual([error.name, error.status, error.message], expected);
    assert.equal(requests.length, 1);
  });

for (const statusCode of [429, 503])
  test(`a ${statusCode} with Retry-After is repeated with the same body and idempotency key`, async (t) => {
    const { requests, baseUrl } = await scriptedServer(t, busy('1', statusCode), busy(new Date(Date.now() - 5000).toUTCString(), statusCode), SENT);
    const { status } = await new Kycd({ baseUrl, apiKey: KEY }).sendEmailOtp({ email: 'ana@example.com' });
    assert.equal(status, 'otp_sent');
    assert.equal(requests.length, 3);
    assert.equal(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size, 1);
    assert.equal(new Set(requests.map(({ body }) => body)).size, 1);
    assert.match(requests[0].headers['idempotency-key'], /^[0-9a-f-]{36}$/);
    assert.ok(requests[1].at - requests[0].at >= 990, 'Retry-After is waited for');
  });

for (const { name, answer, options, attempts } of [
  { name: 'at most maxRetries times', answer: busy('0'), options: {}, attempts: 3 },
  { name: 'as often as maxRetries says', answer: busy('0'), options: { maxRetries: 1 }, attempts: 2 },
  { name: 'not with maxRetries 0', answer: busy('0'), options: { maxRetries: 0 }, attempts: 1 },
  { name: 'not without Retry-After', answer: busy(undefined), options: {}, attempts: 1 },
  { name: 'not after a Retry-After above the limit', answer: busy('31'), options: {}, attempts: 1 },
  { name: 'not after an unreadable Retry-After', answer: busy('soon'), options: {}, attempts: 1 },
  { name: 'not after a 500', answer: busy('0', 500), options: {}, attempts: 1 },
])
  test(`a call is repeated ${name}`, async (t) => {
    const { requests, baseUrl } = await scriptedServer(t, answer);
    const error = await failureOf(new Kycd({ baseUrl, apiKey: KEY, ...options }).sendEmailOtp({ email: 'ana@example.com' }));
    assert.equal(requests.length, attempts);
    assert.equal(error.retryAfter, { 0: 0, 31: 31 }[answer.headers['retry-after']]);
  });

test('which calls have an idempotency key', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, envelope(200, 'ok', { data: {} }));
  const kycd = new Kycd({ baseUrl, apiKey: KEY });
  await kycd.prepareKyc({ email: 'ana@example.com' }, { idempotencyKey: 'order-1' });
  await kycd.prepareKyc({ email: 'ana@example.com' });
  await kycd.prepareKyc({ email: 'ana@example.com' });
  await kycd.queryKycStatus({ email: 'ana@example.com' });
  await kycd.getQuota();
  await kycd.updateWebhookEndpoint({ endpoint_id: 'we_1', disabled: true });
  await new Kycd({ baseUrl }).prepareKyc({ email: 'ana@example.com' });
  const keys = requests.map(({ headers }) => headers['idempotency-key']);
  assert.equal(keys[0], 'order-1');
  assert.notEqual(keys[1], keys[2]);
  assert.deepEqual(keys.slice(3), [undefined, undefined, undefined, undefined]);
});

test('the time limit holds for an answer that does not come, or does not end', async (t) => {
  for (const answer of [() => {}, (response) => response.writeHead(200, { 'content-length': 9 }).write('{')]) {
    const { baseUrl } = await scriptedServer(t, answer);
    const error = await failureOf(new Kycd({ baseUrl }).getQuota({ timeoutSeconds: 0.2 }));
    assert.ok(error instanceof client.TimeLimitError && error instanceof client.NoAnswerError, inspect(error));
    assert.equal(error.message, 'GET /v1/quota: no complete answer within 0.2 s');
  }
});

test('the time limit of a call that waits includes the wait', async (t) => {
  const { baseUrl } = await scriptedServer(t, (response) => setTimeout(() => response.end('{"status":"kyc_status_retrieved"}'), 500));
  assert.equal((await new Kycd({ baseUrl, timeoutSeconds: 0.1 }).queryKycStatus({ email: 'ana@example.com', wait: 5 })).status, 'kyc_status_retrieved');
});

test('a signal aborts a call, also while it waits for its repetition', async (t) => {
  for (const answer of [() => {}, busy('20')]) {
    const { baseUrl } = await scriptedServer(t, answer);
    const abort = new AbortController();
    const call = new Kycd({ baseUrl }).getQuota({ signal: abort.signal });
    setTimeout(() => abort.abort(new Error('shop closed')), 100);
    assert.equal((await failureOf(call)).message, 'shop closed');
  }
});

test('no answer: the error names the call, but neither key nor address', async () => {
  const error = await failureOf(new Kycd({ baseUrl: 'http://127.0.0.1:1', apiKey: KEY }).getKycStatus({ email: 'ana@example.com' }));
  assert.equal(error.name, 'NoAnswerError');
  assert.match(error.message, /^GET \/kyc\/status: no answer: /);
  assert.ok(!/kycd_secret|ana/.test(inspect(error, { depth: 9 })), inspect(error));
  assert.ok(!inspect(new Kycd({ baseUrl: 'http://127.0.0.1:1', apiKey: KEY }), { depth: 9, showHidden: true }).includes(KEY));
});

test('fields in paths are encoded, and fields that do not exist are refused', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, envelope(200, 'ok'));
  const kycd = new Kycd({ baseUrl });
  await kycd.getUser({ user_id: 'a/b?c#d' });
  assert.equal(requests[0].url, '/v1/users/a%2Fb%3Fc%23d');
  for (const [call, message] of [
    [() => kycd.getUser({ user_id: '..' }), /getUser needs the field user_id/],
    [() => kycd.getUser({}), /getUser needs the field user_id/],
    [() => kycd.getQuota({ endUserAddress: '203.0.113.24\n' }), /^endUserAddress has characters that no header has$/],
    [() => kycd.prepareKyc({ e_mail: 'ana@example.com' }), /prepareKyc has no field e_mail/],
  ]) assert.match((await failureOf(call())).message, message);
  assert.equal(requests.length, 1);
});

test('options that cannot work are refused, without a word of the key', () => {
  for (const options of [{ baseUrl: 'kyc.example.com' }, { baseUrl: 'ftp://kyc.example.com' }, { baseUrl: 'https://user:secret@kyc.example.com' }, { baseUrl: 'https://kyc.example.com/?a=1' },
    { baseUrl: 'https://kyc.example.com', apiKey: '' }, { baseUrl: 'https://kyc.example.com', apiKey: 'kycd_sec\nret' }])
    assert.throws(() => new Kycd(options), (error) => error instanceof TypeError && !error.message.includes('sec'));
});
