// Verification of deliveries, compared with the library of Standard Webhooks.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { DeliveryVerificationError, verifyDelivery } from '../../../build-clients/typescript/dist/index.js';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const BODY = '{"id":"evt_1","type":"kyc.approved","data":{"reference":"Jo\u00e3o"}}';
const NOW = new Date('2026-11-29T19:46:22.897Z');

function delivery({ secrets = [SECRET], when = NOW, id = 'evt_1', change = {} } = {}) {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, when, BODY));
  return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(when / 1000)), 'webhook-signature': signatures.join(' '), ...change };
}
const seconds = (n) => new Date(Math.floor(NOW / 1000) * 1000 + n * 1000);

for (const { name, headers, secrets = SECRET, body = BODY } of [
  { name: 'one signature', headers: delivery() },
  { name: 'the body as bytes', headers: delivery(), body: Buffer.from(BODY) },
  { name: 'a secret without its prefix', headers: delivery(), secrets: SECRET.slice(6) },
  { name: 'two signatures, the second of ours', headers: delivery({ secrets: [OTHER, SECRET] }) },
  { name: 'two signatures, the first of ours', headers: delivery({ secrets: [SECRET, OTHER] }) },
  { name: 'signatures of other versions beside ours', headers: delivery({ change: { 'webhook-signature': `v1a,AA v2,BB ${delivery()['webhook-signature']}` } }) },
  { name: 'two secrets of the receiver', headers: delivery(), secrets: [OTHER, SECRET] },
  { name: 'names of headers in other spelling', headers: Object.fromEntries(Object.entries(delivery()).map(([key, value]) => [key.toUpperCase(), value])) },
  { name: 'headers of fetch', headers: new Headers(delivery()) },
  { name: '300 s old', headers: delivery({ when: seconds(-300) }) },
  { name: '300 s in the future', headers: delivery({ when: seconds(300) }) },
])
  test(`accepted: ${name}`, () => assert.deepEqual(verifyDelivery(body, headers, secrets, { now: NOW }), JSON.parse(BODY)));

const SIGNATURE = delivery()['webhook-signature'];
for (const { name, headers, secrets = SECRET, body = BODY } of [
  { name: 'another secret', headers: delivery({ secrets: [OTHER] }) },
  { name: 'another id', headers: delivery({ change: { 'webhook-id': 'evt_2' } }) },
  { name: 'another timestamp', headers: delivery({ change: { 'webhook-timestamp': String(Math.floor(NOW / 1000) + 1) } }) },
  { name: 'another body', headers: delivery(), body: `${BODY} ` },
  { name: '301 s old', headers: delivery({ when: seconds(-301) }) },
  { name: '301 s in the future', headers: delivery({ when: seconds(301) }) },
  { name: 'a timestamp that is no number', headers: delivery({ change: { 'webhook-timestamp': '1e9' } }) },
  { name: 'a signature that is cut', headers: delivery({ change: { 'webhook-signature': SIGNATURE.slice(0, -1) } }) },
  { name: 'an empty signature', headers: delivery({ change: { 'webhook-signature': 'v1,' } }) },
  { name: 'our signature under another version', headers: delivery({ change: { 'webhook-signature': SIGNATURE.replace('v1,', 'v2,') } }) },
  { name: 'a header twice', headers: delivery({ change: { 'webhook-id': ['evt_1', 'evt_1'] } }) },
  { name: 'no secret at all', headers: delivery(), secrets: [] },
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((header) => ({ name: `without ${header}`, headers: delivery({ change: { [header]: undefined } }) })),
])
  test(`refused: ${name}`, () => assert.throws(() => verifyDelivery(body, headers, secrets, { now: NOW }), DeliveryVerificationError));

test('a signed body that is not JSON is refused, and not shown', () => {
  const signature = new Webhook(SECRET).sign('evt_1', NOW, 'ana@example.com');
  assert.throws(() => verifyDelivery('ana@example.com', delivery({ change: { 'webhook-signature': signature } }), SECRET, { now: NOW }),
    (error) => error instanceof DeliveryVerificationError && !String(error.stack).includes('ana@') && error.cause === undefined);
});

test('a secret that is none is a wrong use, and not shown', () => {
  for (const secret of ['', 'whsec_', 'whsec_not base64!'])
    assert.throws(() => verifyDelivery(BODY, delivery(), secret), (error) => error instanceof TypeError && !error.message.includes('not base64!'));
});
