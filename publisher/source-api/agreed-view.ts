import * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { firstIssue } from '../../contracts/wire/issues.ts';

/** What we are about to send breaks our own agreement: a fault of the publisher, never of the consumer. */
export class AgreementBroken extends Error {
  override name = 'AgreementBroken';
}

/** Cuts a resource down to the agreed fields. Throws AgreementBroken naming the field that is missing or wrong. */
export function agreedView<Resource>(agreement: Agreement<Resource>, id: string, resource: Resource): Resource {
  const agreed = z.safeParse(agreement.resource, resource);
  if (agreed.success) return agreed.data;
  throw new AgreementBroken(`${agreement.name}@${agreement.version}, resource ${id}: ${firstIssue(agreed.error)}`);
}
