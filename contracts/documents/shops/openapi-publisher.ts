import { agreements } from '../../shops/agreements/all.ts';
import { type ShopServiceProblemCode, shopServiceProblems } from '../../shops/problems.ts';
import { type Agreement, labelOf } from '../../wire/agreement.ts';
import { type OpenApiDocument, openApi } from '../openapi.ts';
import type { Operation } from '../operation.ts';
import { serviceOperations } from '../service-operations.ts';
import { sourceOperations } from '../source-operations.ts';
import { commandOperations } from './command-operations.ts';
import { shopDomain } from './domain.ts';
import { historyOperations } from './history-operations.ts';

const DESCRIPTION = `Where shops are changed, where their history is read, and where each consumer looks at what it agreed to see.

Every refusal is a problem document (RFC 9457) with a \`code\` from a closed list; \`GET /problems/{code}\` explains it. \
Every answer has an \`X-Request-Id\`; name it when you ask for help.`;

/** All operations of the publisher: an operation that is missing here is missing in its documents. */
export const publisherOperations: readonly Operation<ShopServiceProblemCode>[] = [
  ...commandOperations,
  ...historyOperations,
  ...agreements.flatMap((agreement: Agreement) => sourceOperations(agreement, shopDomain)),
  ...serviceOperations(shopServiceProblems),
];

/** The publisher's OpenAPI document. Pure. */
export function publisherDocument(): OpenApiDocument {
  return openApi({
    domain: shopDomain,
    title: 'Doorbell publisher',
    description: DESCRIPTION,
    tags: [
      {
        name: 'commands',
        description: 'Commands that change a shop or an owner. A command that changes nothing sends no notification.',
      },
      { name: 'history', description: 'Shops for operators: as they are, as they were, and why.' },
      ...agreements.map((agreement) => ({
        name: labelOf(agreement),
        description: `The source API of ${agreement.name}, version ${agreement.version} of its agreement: only the agreed fields.`,
      })),
      { name: 'service', description: 'Health, metrics and documents of the publisher.' },
    ],
    tokens: {
      operator: 'Token of an operator: valid for commands and history.',
      ...Object.fromEntries(
        agreements.map(({ name }) => [name, `Token of ${name}: valid for its own source API only.`]),
      ),
    },
    operations: publisherOperations,
  });
}
