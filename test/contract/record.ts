import { parts } from '../../consumers/all.ts';
import { writePacts } from './pacts.ts';

/** `npm run pacts`: writes the pacts anew, by running each consumer against Pact's mock. */
for (const file of await writePacts(parts)) process.stdout.write(`${file}\n`);
