import { adPart } from './ad/part.ts';
import { displayPart } from './display/part.ts';
import type { Part } from './part.ts';

/** Every consumer there is. */
export const parts: readonly Part[] = [displayPart, adPart];
