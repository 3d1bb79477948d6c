import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Contracts,
  type ReleaseTerms,
  ReleaseTerms as ReleaseTermsSchema,
} from '../../../contracts/compare/contracts.ts';
import type { OpenApiDocument } from '../../../contracts/documents/openapi.ts';

/** The folder with the contracts of the last release. */
export const RELEASED = 'contracts/released';

/** The command that writes that folder. */
export const RELEASE = 'npm run contracts -- release';

/** The file with the terms, beside the documents as in `docs/api/`. */
const TERMS = 'release.json';

type File = { file: string; document: unknown };

/** Puts terms and documents together. The name of a file tells which document it is. */
export function contractsOf(terms: ReleaseTerms, files: readonly File[]): Contracts {
  const named = (ending: string) => files.filter(({ file }) => file.endsWith(ending));
  const apis = named('.openapi.json').map(({ file, document }) => [file, document as OpenApiDocument] as const);
  return {
    terms,
    apis: Object.fromEntries(apis),
    notification: (named('notification.schema.json')[0]?.document ?? {}) as Contracts['notification'],
    messages: (named('.asyncapi.json')[0]?.document ?? { channels: {} }) as Contracts['messages'],
  };
}

/** Reads the contracts of the last release; null before the first. Throws an Error for a damaged file. */
export function readReleased(folder: string): Contracts | null {
  if (!existsSync(join(folder, TERMS))) return null;
  const terms = ReleaseTermsSchema.safeParse(readJson(folder, TERMS));
  if (!terms.success) throw damaged(folder, TERMS, terms.error);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== TERMS);
  return contractsOf(
    terms.data,
    files.map((file) => ({ file, document: readJson(folder, file) })),
  );
}

/** Saves terms and documents as those of the last release, and removes the earlier ones. */
export function writeReleased(
  folder: string,
  terms: ReleaseTerms,
  documents: readonly { file: string; text: string }[],
) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, TERMS), `${JSON.stringify(terms, null, 2)}\n`);
  for (const { file, text } of documents) writeFileSync(join(folder, file), text);
}

function readJson(folder: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (cause) {
    throw damaged(folder, file, cause);
  }
}

const damaged = (folder: string, file: string, cause: unknown) =>
  new Error(`${join(folder, file)} is damaged. Restore it: git checkout -- ${folder}`, { cause });
