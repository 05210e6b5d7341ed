// Several instances on one PostgreSQL, two of which are killed while they send: every promised message comes, and twice only what a dead
// one had in hand (`bench/duplicate_mails.mjs` does the same with 5,000). Those messages wait until the dead one's lease is over.
import assert from 'node:assert/strict';
import test from 'node:test';
import { postgres } from './lib/database.mjs';
import { judge, sendWhileKilled } from './lib/mail_crash.mjs';

test('four instances send 200 codes, two are killed', async (t) => {
	const told = await sendWhileKilled(t, await postgres(t), { codes: 200, kills: 2 });
	judge(told);
	assert.equal(told.kills, 2);
	assert.ok(told.held > 0, 'a death found messages in hand');
	t.diagnostic(`twice: ${told.twice} of ${told.held} that the dead had in hand`);
});
