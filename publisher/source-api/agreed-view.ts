import * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { firstIssue } from '../../contracts/wire/issues.ts';

/** The publisher is about to send data that breaks its own agreement: always its own fault, never the consumer's. */
export class AgreementBroken extends Error {
  override name = 'AgreementBroken';
  /** Field and expectation, without a value: `menu.0.price: Invalid input: expected int`. */
  readonly fault: string;
  constructor(message: string, fault: string) {
    super(message);
    this.fault = fault;
  }
}

/** Reduces a resource to the agreed fields. Throws AgreementBroken, which names the field that is missing or wrong. */
export function agreedView<Resource>(agreement: Agreement<Resource>, id: string, resource: Resource): Resource {
  const agreed = z.safeParse(agreement.resource, resource);
  if (agreed.success) return agreed.data;
  const fault = firstIssue(agreed.error);
  throw new AgreementBroken(`${agreement.name}@${agreement.version}, resource ${id}: ${fault}`, fault);
}
