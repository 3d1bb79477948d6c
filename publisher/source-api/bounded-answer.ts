import type { SourceAnswer, Want } from '../../contracts/wire/source-api.ts';
import { MOST_BYTES, tooMuchAtOnce } from '../http/bounds.ts';
import type { CheckedRow, CheckedSource } from './checked-rows.ts';

/** Makes a source's answer for one resource. */
export type AnswerOf<State> = (want: Want, row: CheckedRow<State> | undefined) => SourceAnswer;

/**
 * Makes a page of all resources above an id, as JSON: up to `limit`, as many as 2 MiB hold, and at least one if there
 * is any. Rows of one read are turned into answers before the next read, since an agreement may show only a small part
 * of them.
 */
export async function boundedPage<State>(
  { readPage }: Pick<CheckedSource<State>, 'readPage'>,
  answerOf: AnswerOf<State>,
  after: string,
  limit: number,
): Promise<string> {
  const entries = createEntries();
  let read = after;
  let shown = after;
  while (entries.texts.length < limit) {
    const { rows, last } = await readPage(read, limit - entries.texts.length);
    if (last === null) return pageOf(entries, null);
    for (const row of rows) {
      if (!entries.add(answerOf({ id: row.id }, row))) return pageOf(entries, shown);
      shown = row.id;
    }
    read = last;
  }
  return pageOf(entries, shown);
}

/** Makes the answers of a batch, as JSON. Throws `too-large` if several answers exceed 2 MiB together. */
export function boundedBatch<State>(
  wants: readonly Want[],
  answerOf: AnswerOf<State>,
  rows: ReadonlyMap<string, CheckedRow<State>>,
): string {
  const entries = createEntries();
  for (const want of wants) if (!entries.add(answerOf(want, rows.get(want.id)))) throw tooMuchAtOnce();
  return `{"resources":[${entries.texts.join()}]}`;
}

/** Answers as JSON texts, with their size counted. The first answer fits however large it is. */
type Entries = { texts: string[]; add: (answer: SourceAnswer) => boolean };

function createEntries(): Entries {
  const texts: string[] = [];
  let bytes = 0;
  return {
    texts,
    add(answer) {
      const text = JSON.stringify(answer);
      bytes += Buffer.byteLength(text);
      if (bytes > MOST_BYTES && texts.length > 0) return false;
      texts.push(text);
      return true;
    },
  };
}

const pageOf = ({ texts }: Entries, next: string | null): string =>
  `{"resources":[${texts.join()}],"next":${JSON.stringify(next)}}`;
