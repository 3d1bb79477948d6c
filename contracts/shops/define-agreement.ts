import { agreementsFor } from '../wire/agreement.ts';
import { eventTypes } from './event-types.ts';

/** Defines an agreement about shops: `wakesOn` takes event types of a shop only. Throws TypeError. */
export const defineShopAgreement = agreementsFor(eventTypes);
