import type { Publish } from '../../publisher/relay/ring.ts';
import { runRelay } from '../../publisher/relay/run-relay.ts';
import { createWake } from '../../publisher/relay/wake.ts';
import { openClient } from '../../publisher/store/database.ts';
import { systemClock } from '../../publisher/system.ts';

/** A relay as a process of its own, on the database that its argument names; a ring is accepted when its line is out. */
const [, , url = ''] = process.argv;

const say = (line: string) => new Promise<void>((resolve) => void process.stdout.write(`${line}\n`, () => resolve()));

const publish: Publish = async (rings) => {
  await say(rings.map(({ id, version }) => `rung ${id} ${version}`).join('\n'));
  return rings.map(() => ({ accepted: true }));
};

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
process.stdout.write('ready\n');
const observe = ({ kind }: { kind: string }) => {
  if (kind === 'leading') process.stdout.write('leading\n');
};
const wake = createWake(systemClock);
await runRelay({ connect: () => openClient(url), publish, clock: systemClock, wake, observe }, stopping.signal);
