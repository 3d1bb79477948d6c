import { type Contracts, termsOf } from '../../../contracts/compare/contracts.ts';
import type { OpenApiDocument } from '../../../contracts/documents/openapi.ts';
import { VERSION } from '../../../contracts/documents/openapi.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import { shopServiceProblems } from '../../../contracts/shops/problems.ts';
import { documentFiles } from '../documents.ts';
import { contractsOf } from './released.ts';

/** Returns the contracts of the current code. Pure. */
export function contractsNow(): Contracts {
  return contractsOf(
    termsOf(VERSION, { agreements, eventTypes, problems: shopServiceProblems }),
    documentFiles().map(({ file, text }) => ({ file, document: JSON.parse(text) as OpenApiDocument })),
  );
}
