// The iterator over the event feed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { CursorExpiredError, Kycd } from '../../../build-clients/typescript/dist/index.js';
import { envelope, scriptedServer } from './scripted_server.mjs';

const page = (ids, next_after, has_more = false) => envelope(200, 'events_retrieved', { data: { events: ids.map((id) => ({ id, type: 'kyc.updated', data: {} })), next_after, has_more } });
const queries = (requests) => requests.map(({ url }) => Object.fromEntries(new URL(url, 'http://kycd').searchParams));

test('events come in order, and the cursor is behind the one that came last', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, page(['evt_1', 'evt_2'], 'evt_3', true), page([], 'evt_4', true), page(['evt_5'], 'evt_5'), page([], 'evt_5'));
  const feed = new Kycd({ baseUrl }).eventFeed({ types: ['kyc.*', 'user.erased'], limit: 2, follow: false });
  const seen = [];
  for await (const event of feed) seen.push([event.id, feed.cursor]);
  assert.deepEqual(seen, [['evt_1', 'evt_1'], ['evt_2', 'evt_3'], ['evt_5', 'evt_5']]);
  assert.equal(feed.cursor, 'evt_5');
  const same = { types: 'kyc.*,user.erased', limit: '2' };
  assert.deepEqual(queries(requests), [same, { ...same, after: 'evt_3' }, { ...same, after: 'evt_4' }, { ...same, after: 'evt_5' }]);
});

test('a loop that was left continues after its last event', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, page(['evt_1', 'evt_2'], 'evt_2'), page(['evt_2'], 'evt_2'), page([], 'evt_2'));
  const kycd = new Kycd({ baseUrl });
  const feed = kycd.eventFeed({ after: 'evt_0', follow: false });
  for await (const event of feed) if (event.id === 'evt_1') break;
  assert.equal(feed.cursor, 'evt_1');
  const seen = [];
  for await (const event of kycd.eventFeed({ after: feed.cursor, follow: false })) seen.push(event.id);
  assert.deepEqual(seen, ['evt_2']);
  assert.deepEqual(queries(requests), [{ after: 'evt_0' }, { after: 'evt_1' }, { after: 'evt_2' }]);
});

test('pages without events move the cursor', async (t) => {
  const { baseUrl } = await scriptedServer(t, page([], 'evt_7', true), page([], 'evt_9'));
  const feed = new Kycd({ baseUrl }).eventFeed({ types: ['kyc.*'], follow: false });
  const cursors = [];
  for await (const { events } of feed.pages()) cursors.push([events.length, feed.cursor]);
  assert.deepEqual(cursors, [[0, 'evt_7'], [0, 'evt_9']]);
});

test('following waits at the server, pauses after an empty answer that came at once, and can be stopped', async (t) => {
  const { requests, baseUrl } = await scriptedServer(t, page([], null), page([], null), page(['evt_1'], 'evt_1'));
  const feed = new Kycd({ baseUrl }).eventFeed({ after: 'now' });
  for await (const event of feed) {
    assert.equal(event.id, 'evt_1');
    feed.stop();
  }
  assert.deepEqual(queries(requests), [{ after: 'now', wait: '25' }, { wait: '25' }, { wait: '25' }]);
  assert.ok(requests[1].at - requests[0].at < 900, 'no pause after the answer that only has the cursor');
  assert.ok(requests[2].at - requests[1].at >= 990, 'a pause');
});

test('following continues after an outage, if it is short enough', async (t) => {
  const broken = (response) => response.destroy();
  const { requests, baseUrl } = await scriptedServer(t, broken, envelope(503, 'unavailable'), page(['evt_1'], 'evt_1'));
  const kycd = new Kycd({ baseUrl });
  const failed = (options) => assert.rejects(kycd.eventFeed(options)[Symbol.asyncIterator]().next(), /no answer|unavailable/);
  await failed({ follow: false });
  await failed({ maxOutageSeconds: 0.9 });
  assert.equal(requests.length, 2);

  const outage = await scriptedServer(t, broken, envelope(503, 'unavailable'), page(['evt_1'], 'evt_1'));
  for await (const event of new Kycd({ baseUrl: outage.baseUrl }).eventFeed({ after: 'evt_0' })) {
    assert.equal(event.id, 'evt_1');
    break;
  }
  assert.deepEqual(queries(outage.requests), Array(3).fill({ after: 'evt_0', wait: '25' }));
});

test('a signal ends the iteration, also while it waits', async (t) => {
  for (const answer of [() => {}, page([], 'evt_1')]) {
    const { baseUrl } = await scriptedServer(t, answer);
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('shop closed')), 100);
    const iteration = new Kycd({ baseUrl }).eventFeed({ after: 'evt_1', signal: abort.signal })[Symbol.asyncIterator]();
    await assert.rejects(iteration.next(), /shop closed/);
  }
});

test('a cursor that has expired throws a CursorExpiredError', async (t) => {
  const { baseUrl } = await scriptedServer(t, envelope(410, 'cursor_expired', { details: { oldest: 'evt_9' } }));
  const iteration = new Kycd({ baseUrl }).eventFeed({ after: 'evt_1' })[Symbol.asyncIterator]();
  await assert.rejects(iteration.next(), (error) => error instanceof CursorExpiredError && error.details.oldest === 'evt_9');
});
