// Which program the stories are about.
import path from 'node:path';

export const PROGRAM = path.resolve(process.env.KYCD ?? '../build/kycd');
