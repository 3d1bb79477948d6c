import { adPart } from './ad/part.ts';
import { displayPart } from './display/part.ts';
import type { Part } from './part.ts';

/** All consumers. */
export const parts: readonly Part[] = [displayPart, adPart];
