import * as z from 'zod/mini';
import type { OpenApiDocument } from '../documents/openapi.ts';
import type { Agreement } from '../wire/agreement.ts';
import type { ProblemTable } from '../wire/problem.ts';
import { agreedSchema } from './agreed-schema.ts';

const AgreementTerms = z.object({
  name: z.string(),
  version: z.int(),
  path: z.string(),
  wakesOn: z.array(z.string()),
  /** A JSON Schema. */
  resource: z.record(z.string(), z.unknown()),
});

/** Terms of an agreement as a release stores them. */
export type AgreementTerms = z.output<typeof AgreementTerms>;

/** Terms that a release stores beside its documents. */
export const ReleaseTerms = z.object({
  /** Version of Doorbell, as in `package.json`. */
  version: z.string(),
  eventTypes: z.array(z.string()),
  problems: z.record(z.string(), z.object({ status: z.int(), retryable: z.boolean() })),
  agreements: z.array(AgreementTerms),
});
export type ReleaseTerms = z.output<typeof ReleaseTerms>;

/** Contracts that users rely on: terms and documents, of a release or the current ones. */
export type Contracts = {
  readonly terms: ReleaseTerms;
  /** OpenAPI documents of publisher and query APIs, by file. */
  readonly apis: Readonly<Record<string, OpenApiDocument>>;
  /** JSON Schema of a notification's body. */
  readonly notification: Record<string, unknown>;
  /** AsyncAPI document: topic and queues by name. */
  readonly messages: { readonly channels: Readonly<Record<string, Record<string, unknown>>> };
};

/** Agreements, event types and problems of the current code. */
export type CurrentTerms = {
  agreements: readonly Agreement[];
  eventTypes: readonly string[];
  problems: ProblemTable;
};

/** Collects the current terms. Pure. */
export function termsOf(version: string, { agreements, eventTypes, problems }: CurrentTerms): ReleaseTerms {
  return {
    version,
    eventTypes: [...eventTypes],
    problems: Object.fromEntries(
      Object.entries(problems).map(([code, { status, retryable }]) => [code, { status, retryable }]),
    ),
    agreements: agreements.map(({ name, version, path, wakesOn, resource }) => {
      return { name, version, path, wakesOn: [...wakesOn], resource: agreedSchema(resource) };
    }),
  };
}
