import { joinProblems, type ProblemCode, type ProblemTable } from '../wire/problem.ts';

/** Problems that only the shop service answers with, beside those of every domain. */
export const shopProblems = {
  'owner-not-found': { status: 404, retryable: false, title: 'No owner has this id.' },
  'version-not-found': { status: 404, retryable: false, title: 'The shop has no such version.' },
  'menu-item-not-found': { status: 404, retryable: false, title: 'The menu has no item with this id.' },
  'shop-exists': { status: 409, retryable: false, title: 'A shop with this id is registered already.' },
  'shop-closed': { status: 409, retryable: false, title: 'The shop has closed; register it again first.' },
  'menu-item-exists': { status: 409, retryable: false, title: 'The menu has an item with this id already.' },
  'menu-full': { status: 409, retryable: false, title: 'The menu has no room for another item.' },
} as const satisfies ProblemTable;

/** A code of the list above. */
export type ShopProblemCode = keyof typeof shopProblems;

/** A code of any problem of the shop service: its own, or one of every domain. */
export type ShopServiceProblemCode = ProblemCode | ShopProblemCode;

/** All problems of the shop service, in the order of their statuses. */
export const shopServiceProblems = joinProblems(shopProblems);
