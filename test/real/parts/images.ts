import { buildWithoutEngine, lintDockerfiles } from '../dockerfiles.ts';
import type { Part } from '../part.ts';

/** The images, as far as they can be looked at without an engine that builds them. */
export const imageParts: Part[] = [
  { part: 'images', against: 'hadolint 2.15.1', run: lintDockerfiles },
  { part: 'images', against: 'a fresh installation', run: buildWithoutEngine },
];
