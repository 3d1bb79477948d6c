import { parts } from '../../consumers/all.ts';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { sources } from '../../publisher/shops/sources/all.ts';
import { type AgreementFaults, agreementFaults } from './agreement-faults.ts';

/** Where each list is, for the person who mends a fault. */
const LISTS = 'contracts/shops/agreements/all.ts, publisher/shops/sources/all.ts and consumers/all.ts';

/** Finds mistakes in the lists of agreements, sources and consumers of the shops. */
export function shopAgreementFaults(): AgreementFaults {
  return agreementFaults({
    agreements,
    sources: sources.map(({ agreement }) => agreement),
    consumers: parts.map(({ consumer }) => consumer.agreement),
  });
}

/** Throws an Error with a line for each mistake in the lists, and one that says where they are. Returns the warnings. */
export function checkShopAgreements(): string[] {
  const { errors, warnings } = shopAgreementFaults();
  if (errors.length > 0) throw new Error([...errors, `The lists are ${LISTS}.`].join('\n'));
  return warnings;
}
