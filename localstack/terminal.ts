import { styleText } from 'node:util';

/** Output for people: data on stdout, progress and warnings on stderr. No progress bar without a terminal. */
export const terminal = {
  line: (text = ''): void => void process.stdout.write(`${text}\n`),
  error: (text: string): void => void process.stderr.write(`${text}\n`),
  done: (what: string, text: string): void => terminal.line(`${paint('green', '✔')} ${what.padEnd(18)} ${text}`),
  trouble: (text: string): void => terminal.error(`${paint('yellow', '!')} ${text}`),
  warn: (text: string): void => terminal.line(`${paint('yellow', '!')} ${text}`),
};

type Colour = Parameters<typeof styleText>[0];

/** Colours text if the terminal shows colours and NO_COLOR is not set. */
export function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

/** Writes 1234567 as 1,234,567. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** Writes milliseconds as seconds with one digit: 4.1s. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

const WIDTH = 30;

/** Makes a progress bar on stderr. It prints nothing if stderr is no terminal. `clear` removes it. */
export function progressBar(label: string): { show: (done: number, of: number) => void; clear: () => void } {
  let last = -1;
  return {
    show(done, of) {
      const percent = of === 0 ? 100 : Math.floor((done / of) * 100);
      if (!process.stderr.isTTY || percent === last) return;
      last = percent;
      const filled = Math.round((percent / 100) * WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
      process.stderr.write(`\r  ${label} ${bar} ${String(percent).padStart(3)}% ${count(done)}/${count(of)}`);
    },
    clear() {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
    },
  };
}

/** Writes rows as columns, with the first row as head. Numbers stand at the right, unless `numbers` says left. */
export function table(rows: readonly (readonly string[])[], { numbers = 'right' } = {}): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  const isNumber = (text: string) => numbers === 'right' && /^[\d,.~%]+$/.test(text);
  const cell = (text: string, n: number) =>
    isNumber(text) ? text.padStart(widths[n] ?? 0) : text.padEnd(widths[n] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
