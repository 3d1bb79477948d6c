import { parts } from './all.ts';
import { readConfig } from './config.ts';
import { startConsumer } from './wire.ts';

/** One consumer as a process, until SIGTERM or Ctrl-C. Exits 1 if it could not finish what it had in hand. */
async function main(): Promise<void> {
  const { consumer: name, config } = readConfig(process.env);
  const part = parts.find(({ consumer }) => consumer.agreement.name === name);
  if (part === undefined) throw new Error(`DOORBELL_CONSUMER: there is no consumer "${name}"; there are ${known()}`);
  const running = await startConsumer(part, config, { observe: log });
  log({ kind: 'listening', port: running.listening.port });
  await signalled();
  if (!(await running.stop())) process.exitCode = 1;
}

const known = () => parts.map(({ consumer }) => consumer.agreement.name).join(', ');

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

/** The events that a person should see; single rings are for metrics. */
const QUIET = new Set(['received', 'requested', 'looked', 'settled']);

/** By allow-list: what came in a message is not for a log. */
const FIELDS = ['kind', 'port', 'shops', 'reason', 'detail', 'status', 'seconds', 'found', 'tries', 'ms', 'state'];

function log(event: { kind: string; [key: string]: unknown }): void {
  if (!QUIET.has(event.kind)) process.stdout.write(`${JSON.stringify(event, FIELDS)}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
