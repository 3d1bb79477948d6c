/** One step of a tutorial. Other blocks, such as `console`, are only shown. */
export type Step =
  | { kind: 'file'; name: string; text: string }
  /** Commands that end, and what the page shows that they print, with … for anything. curl is asked again until then. */
  | { kind: 'run'; script: string; shows: string | null }
  /** A program that keeps running, and what the page shows that it prints when it is ready. */
  | { kind: 'background'; script: string; shows: string | null }
  /** The heading under which the reader stops all programs. */
  | { kind: 'stop' };

const STOP = '## Stop everything';
const FENCE = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$|^## Stop everything$/gm;

/** Reads the steps of a page: files by the name after the language, commands, what they print, and where all stops. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  for (const [block, language = '', info, text = ''] of markdown.matchAll(FENCE)) {
    const last = steps.at(-1);
    if (block === STOP) steps.push({ kind: 'stop' });
    else if (info === 'background') steps.push({ kind: 'background', script: text, shows: null });
    else if (info !== undefined) steps.push({ kind: 'file', name: info, text });
    else if (language === 'sh') steps.push({ kind: 'run', script: text, shows: null });
    else if (language !== 'console' && (last?.kind === 'run' || last?.kind === 'background')) last.shows = text;
    else if (language !== 'console') throw new Error(`a block of ${language} belongs to no command:\n${text}`);
  }
  return steps;
}

/** Counts the lines of a team's own code: what is not empty, no import and no test. */
export function linesOf(steps: readonly Step[]): number {
  const isCode = (step: Step) => step.kind === 'file' && /(?<!\.test)\.(ts|py)$/.test(step.name);
  const lines = steps.filter(isCode).flatMap((step) => ('text' in step ? step.text.split('\n') : []));
  return lines.filter((line) => line.trim() !== '' && !/^(import|from) /.test(line)).length;
}

/** Tells whether a command has printed what the page shows. */
export function isShown(printed: string, shows: string): boolean {
  const parts = shows
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(printed.trim());
}
