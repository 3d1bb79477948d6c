import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Consumer } from '../../consumers/runtime/define-consumer.ts';
import { type Agreement, defineAgreement } from '../../contracts/wire/agreement.ts';
import { refuseConflicts } from '../../contracts/wire/agreement-set.ts';

/** Agreements of a module, and the consumers of those that it has consumers for. */
export type AgreementsFile = { agreements: Agreement[]; consumers: Consumer[] };

/**
 * Imports a module, and collects the agreements that it exports: by themselves, in lists, or as the agreement of a
 * consumer. TypeScript needs no build (Node strips its types). Throws an Error that names the file if it can't be
 * imported, exports no agreement, or if its agreements are malformed or in conflict.
 */
export async function readAgreements(file: string): Promise<AgreementsFile> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`--agreements ${file}: there is no such file`);
  const exports = await importFile(file, path);
  const found = collect(exports);
  if (found.agreements.length === 0)
    throw new Error(`--agreements ${file}: it exports no agreement${exportsText(exports)}. See defineAgreement.`);
  try {
    for (const agreement of found.agreements) defineAgreement(agreement);
    refuseConflicts(found.agreements);
  } catch (cause) {
    throw new Error(`--agreements ${file}: ${(cause as Error).message}`, { cause });
  }
  return found;
}

async function importFile(file: string, path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`--agreements ${file}: it can't be imported: ${(cause as Error).message}`, { cause });
  }
}

function exportsText(exports: Record<string, unknown>): string {
  const names = Object.keys(exports);
  return names.length === 0 ? '' : `, only ${names.join(', ')}`;
}

/** Collects agreements and consumers. One that is exported twice, or by itself and in a list, is one. Pure. */
export function collect(exports: Record<string, unknown>): AgreementsFile {
  const all = Object.values(exports).flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : [each]));
  // A part, as definePart makes it, holds its consumer.
  const given = all.map((each) => (has(each, 'consumer') ? each.consumer : each));
  const consumers = [...new Set(given.filter(isConsumer))];
  const agreements = [...given.filter(isAgreement), ...consumers.map(({ agreement }) => agreement)];
  return { agreements: [...new Set(agreements)], consumers };
}

function has<Name extends string>(each: unknown, ...names: Name[]): each is Record<Name, unknown> {
  return typeof each === 'object' && each !== null && names.every((name) => name in each);
}

/** Tells an agreement by its terms: a plain object may be one, and so may one of another copy of this package. */
const isAgreement = (each: unknown): each is Agreement =>
  has(each, 'name', 'version', 'wakesOn', 'path', 'resource') && has(each.resource, '_zod');

const isConsumer = (each: unknown): each is Consumer =>
  has(each, 'agreement', 'view', 'project') && isAgreement(each.agreement) && typeof each.project === 'function';
