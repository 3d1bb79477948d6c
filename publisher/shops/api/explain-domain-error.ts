import { shopServiceProblems } from '../../../contracts/shops/problems.ts';
import { ProblemError, problemFrom } from '../../../contracts/wire/problem.ts';
import { DomainError, type DomainErrorCode, type DomainErrorParameters } from '../domain/domain-error.ts';

/** Details of the problem for each error: the cause, and the route that helps. */
const details: { [Code in DomainErrorCode]: (parameters: DomainErrorParameters[Code]) => string } = {
  'resource-not-found': () => 'Register the shop first: POST /shops.',
  'shop-exists': () => 'Change it with PATCH /shops/{id} and its neighbours, or close it first.',
  'shop-closed': () => 'The shop has closed. POST /shops with its id registers it anew.',
  'menu-item-exists': ({ itemId }) => `The menu has an item ${itemId}; change it, or leave the id out.`,
  'menu-item-not-found': ({ shopId }) => `GET /shops/${shopId} shows the menu and the ids of its items.`,
  'menu-full': ({ limit }) => `A menu has at most ${limit} items; remove one first.`,
  'owner-not-found': ({ ownerId }) => `Register the owner first: PUT /owners/${ownerId}.`,
  'version-not-found': (sought) =>
    'at' in sought
      ? `Shop ${sought.shopId} was not registered yet at ${sought.at.toISOString()}.`
      : `GET /shops/${sought.shopId}/events shows all versions; ${sought.version} is not among them.`,
  'version-conflict': ({ expected, found }) => {
    const now = found === 0 ? 'there is none yet' : `it is at version ${found} now`;
    return `If-Match asks for ${expected}, but ${now}. Read it again, then decide.`;
  },
  'idempotency-key-reused': () => 'Another request came with this key; use a new key per command.',
  unavailable: ({ contended }) =>
    contended === 'shop'
      ? 'Too many commands on this shop at once; try again.'
      : 'Too many requests for this owner at once; try again.',
};

/** Turns an error of the shop domain into a problem of the HTTP API; other errors stay as they are. Pure. */
export function explainDomainError(error: Error): Error {
  if (!(error instanceof DomainError)) return error;
  return isConflict(error)
    ? explained(error, error.parameters.found > 0 ? { version: error.parameters.found } : {})
    : explained(error);
}

function isConflict(error: DomainError): error is DomainError<'version-conflict'> {
  return error.code === 'version-conflict';
}

function explained<Code extends DomainErrorCode>(
  { code, parameters }: DomainError<Code>,
  more: { version?: number } = {},
): ProblemError {
  return new ProblemError(problemFrom(shopServiceProblems, code, details[code](parameters), more));
}
