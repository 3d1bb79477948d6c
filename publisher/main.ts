import { readConfig } from './config.ts';
import { logConsole, logLine, type PublisherEvent } from './log.ts';
import { startPublisher } from './wire.ts';

/** The publisher as a process: API and relay, until SIGTERM or Ctrl-C. Exits 1 if it could not go on, or not end in time. */
async function main(): Promise<void> {
  logConsole(log);
  // Before anything is waited for: process 1 of a container hears no signal that it doesn't listen to.
  const stopped = signalled();
  const publisher = await startPublisher(readConfig(process.env), { onRelay: log, onError: logError });
  log({ kind: 'listening', port: publisher.listening.port });
  // A relay that gives up ends the process: a publisher that rings nobody must not look alive.
  await Promise.race([publisher.relay, stopped]).catch(fail);
  if (await publisher.stop()) return;
  process.stderr.write('Not everything ended in time: what database or SNS did not answer is waited for no longer.\n');
  // What is still asked of it would keep the process for minutes.
  process.exit(1);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function log(event: PublisherEvent): void {
  const line = logLine(event);
  if (line !== null) process.stdout.write(`${line}\n`);
}

function logError(error: Error): void {
  log({ kind: 'error', name: error.name, message: error.message });
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

main().catch(fail);
