// The path of the program under test: $KYCD, or build/kycd.
import path from 'node:path';

export const PROGRAM = path.resolve(process.env.KYCD ?? '../build/kycd');

// Ends the process when all tests of the file have ended. Node.js may otherwise wait, using CPU time, for sockets that were reset
// and only have to be freed. Listeners run in the order of registration: this one runs after those of the test runner.
process.once('beforeExit', () => process.on('exit', () => process.exit()));
