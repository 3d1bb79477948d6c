import { openRelayClient } from '../../publisher/postgres/database.ts';
import type { Publish } from '../../publisher/relay/ring.ts';
import { runRelay } from '../../publisher/relay/run-relay.ts';
import { createWake } from '../../publisher/relay/wake.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { openers } from './relays.ts';

/** A relay as a process of its own, on the database and of the kind that its arguments name; a ring is accepted when its line is out. */
const [, , url = '', kind = 'position'] = process.argv;

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
const open = openers[kind as keyof typeof openers](url, wake.wake);
await runRelay(
  { connect: () => openRelayClient(url), openLog: shopLog, publish, clock: systemClock, wake, observe, open },
  stopping.signal,
);
