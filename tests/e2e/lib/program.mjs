// Which program the stories are about.
import path from 'node:path';

export const PROGRAM = path.resolve(process.env.KYCD ?? '../build/kycd');

// A file of stories ends when they are told. Node may wait for ever, and busily, for connections that were reset and whose
// memory it only wants to give back; nobody needs that any more. Listeners are heard in turn: this comes after the stories' own.
process.once('beforeExit', () => process.on('exit', () => process.exit()));
