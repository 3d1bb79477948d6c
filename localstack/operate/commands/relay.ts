import { Command } from 'commander';
import { logConsole, logLine, type PublisherEvent } from '../../../publisher/log.ts';
import { readOutboxRelayConfig, startRelay } from '../../../publisher/outbox/relay-service.ts';

/** Makes `doorbell relay`, which runs the relay of an outbox as a process, until SIGTERM or Ctrl-C. */
export function relayCommand(): Command {
  return new Command('relay')
    .description('ring for the outbox of a service, as a process; DATABASE_URL and DOORBELL_TOPIC_ARN say where')
    .action(relay);
}

async function relay(): Promise<void> {
  logConsole(log);
  // Before any waiting: process 1 of a container gets no signal that it does not listen to.
  const stopped = signalled();
  const running = await startRelay(readOutboxRelayConfig(process.env), { observe: log });
  if (running.listening !== null) log({ kind: 'listening', port: running.listening.port });
  // A relay that gives up ends the process with its reason: a process that rings nothing must not look alive.
  try {
    await Promise.race([running.done, stopped]);
  } finally {
    // Calls without an answer would keep the process for minutes.
    if (!(await running.stop())) process.exit(1);
  }
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
