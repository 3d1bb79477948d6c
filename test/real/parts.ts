import type { Part } from './part.ts';
import { browserParts } from './parts/browser.ts';
import { clientParts } from './parts/clients.ts';
import { contractParts } from './parts/contracts.ts';
import { deployParts } from './parts/deploy.ts';
import { dynamodbParts } from './parts/dynamodb.ts';
import { foreignParts } from './parts/foreign.ts';
import { imageParts } from './parts/images.ts';
import { localstackParts } from './parts/localstack.ts';
import { packageParts } from './parts/package.ts';
import { recipeParts } from './parts/recipe.ts';
import { templateParts } from './parts/template.ts';
import { tutorialParts } from './parts/tutorials.ts';

/** All parts, in the order in which they run. */
export const parts: readonly Part[] = [
  ...contractParts,
  ...clientParts,
  ...templateParts,
  ...browserParts,
  ...imageParts,
  ...dynamodbParts,
  ...localstackParts,
  ...foreignParts,
  ...tutorialParts,
  ...deployParts,
  ...packageParts,
  ...recipeParts,
];

/** The parts that the words of `--only` name: by their own name, or by what they run against. Throws if a word names none. */
export function choose(words: readonly string[], all = parts): readonly Part[] {
  if (words.length === 0) return all;
  const unknown = words.find((word) => !all.some((part) => isMeant(part, word)));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such part; --list shows them`);
  return all.filter((part) => words.some((word) => isMeant(part, word)));
}

const isMeant = ({ part, against }: Part, word: string) =>
  part === word.toLowerCase() || against.toLowerCase().includes(word.toLowerCase());
