import { openRelayClient } from '../../publisher/postgres/database.ts';
import type { Publish } from '../../publisher/relay/ring.ts';
import { runRelay } from '../../publisher/relay/run-relay.ts';
import { createWake } from '../../publisher/relay/wake.ts';
import { systemClock } from '../../publisher/system.ts';
import { changeLogs } from './change-logs.ts';
import { openers } from './relays.ts';

/** A relay as a process of its own: its arguments name the database, the kind and the log; a ring is accepted when its line is out. */
const [, , url = '', kind = 'position', name = 'shops'] = process.argv;

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
const openLog = changeLogs[name as keyof typeof changeLogs].open;
const open = openers[kind as keyof typeof openers](url, wake.wake);
await runRelay(
  { connect: () => openRelayClient(url), openLog, publish, clock: systemClock, wake, observe, open },
  stopping.signal,
);
