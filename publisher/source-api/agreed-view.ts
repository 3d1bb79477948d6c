import * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { firstIssue } from '../../contracts/wire/issues.ts';

/** The publisher is about to send data that breaks its own agreement: always its own fault, never the consumer's. */
export class AgreementBroken extends Error {
  override name = 'AgreementBroken';
}

/** Reduces a resource to the agreed fields. Throws AgreementBroken, which names the field that is missing or wrong. */
export function agreedView<Resource>(agreement: Agreement<Resource>, id: string, resource: Resource): Resource {
  const agreed = z.safeParse(agreement.resource, resource);
  if (agreed.success) return agreed.data;
  throw new AgreementBroken(`${agreement.name}@${agreement.version}, resource ${id}: ${firstIssue(agreed.error)}`);
}
