/** Parameters of each error: ids, versions and limits, with which an edge explains it in its own words. */
export type DomainErrorParameters = {
  'resource-not-found': null;
  'shop-exists': { shopId: string };
  'shop-closed': { shopId: string };
  'menu-item-exists': { itemId: string };
  'menu-item-not-found': { shopId: string; itemId: string };
  'menu-full': { limit: number };
  'owner-not-found': { ownerId: string };
  'version-not-found': { shopId: string; version: number } | { shopId: string; at: Date };
  /** `*` expects any version; `found` is 0 where nothing is stored yet. */
  'version-conflict': { expected: number | '*'; found: number };
  'idempotency-key-reused': { key: string };
  /** Too many requests change the same shop or owner at once. */
  unavailable: { contended: 'shop' | 'owner' };
};

/** Code of an error, from a closed list. */
export type DomainErrorCode = keyof DomainErrorParameters;

/** A refusal of the shop domain. It knows neither routes nor HTTP statuses: the HTTP API adds them. */
export class DomainError<Code extends DomainErrorCode = DomainErrorCode> extends Error {
  override name = 'DomainError';
  readonly code: Code;
  readonly parameters: DomainErrorParameters[Code];
  constructor(code: Code, parameters: DomainErrorParameters[Code]) {
    super(code);
    this.code = code;
    this.parameters = parameters;
  }
}
