import { parts } from './all.ts';
import { readConfig } from './config.ts';
import { logConsole, logLine } from './log.ts';
import { startConsumer } from './wire.ts';

/**
 * Runs one consumer as a process, until SIGTERM or Ctrl-C. Exits with 1 if it could not finish the messages in hand.
 */
async function main(): Promise<void> {
  logConsole(log);
  const { consumer: name, config } = readConfig(process.env);
  const part = parts.find(({ consumer }) => consumer.agreement.name === name);
  if (part === undefined) throw new Error(`DOORBELL_CONSUMER: there is no consumer "${name}"; use one of ${known()}`);
  const running = await startConsumer(part, config, { observe: log });
  log({ kind: 'listening', port: running.listening.port });
  await signalled();
  // Calls without an answer would keep the process for minutes.
  if (!(await running.stop())) process.exit(1);
}

const known = () => parts.map(({ consumer }) => consumer.agreement.name).join(', ');

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function log(event: Parameters<typeof logLine>[0]): void {
  const line = logLine(event);
  if (line !== null) process.stdout.write(`${line}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
