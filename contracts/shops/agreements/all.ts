import { adAgreement } from './ad.ts';
import { displayAgreement } from './display.ts';

/** All agreements: topology, tokens and documents are derived from this list. */
export const agreements = [displayAgreement, adAgreement] as const;
