import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';

/** Ends the program with a usage error where there is no terminal to ask at: a script must say what it wants. */
export function demandConsent(command: Command, { yes = false, dryRun = false }: { yes?: boolean; dryRun?: boolean }) {
  if (yes || dryRun || process.stdin.isTTY) return;
  command.error(
    'error: there is no terminal to ask at. Add --yes to go on without a question, or --dry-run to change nothing',
  );
}

/** Asks a person a question that is answered by yes or no, on stderr. Only `y` and `yes` are a yes. */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test(await askPerson(`${question} [y/N] `, signal));
}

/** Asks a person for a line, on stderr. Throws an Error where Ctrl-C was pressed. */
export async function askPerson(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // While a line is typed, Ctrl-C is only a key. Here it interrupts the program, as it does elsewhere.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await lines.question(question, { signal })).trim();
  } catch (cause) {
    throw signal.aborted ? new Error('Interrupted. Nothing more was changed.', { cause }) : cause;
  } finally {
    lines.close();
  }
}
