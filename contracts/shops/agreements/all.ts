import { consumersOf } from '../../wire/agreement.ts';
import { adAgreement } from './ad.ts';
import { displayAgreement } from './display.ts';

/** All agreements: topology, tokens and documents are derived from this list. */
export const agreements = [displayAgreement, adAgreement] as const;

/** Names of all consumers: those of the agreements, each once. */
export const consumerNames: readonly string[] = consumersOf(agreements).map(({ name }) => name);
