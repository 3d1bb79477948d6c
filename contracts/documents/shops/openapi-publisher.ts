import { agreements } from '../../shops/agreements/all.ts';
import { type Agreement, labelOf } from '../../wire/agreement.ts';
import { type OpenApiDocument, openApi } from '../openapi.ts';
import type { Operation } from '../operation.ts';
import { serviceOperations } from '../service-operations.ts';
import { sourceOperations } from '../source-operations.ts';
import { commandOperations } from './command-operations.ts';
import { historyOperations } from './history-operations.ts';

const DESCRIPTION = `Where shops are changed, where their history is read, and where each consumer looks at what it agreed to see.

Every refusal is a problem document (RFC 9457) with a \`code\` from a closed list; \`GET /problems/{code}\` explains it. \
Every answer has an \`X-Request-Id\`; name it when you ask for help.`;

/** Every operation of the publisher: what is not in one of these tables is not in its documents. */
export const publisherOperations: readonly Operation[] = [
  ...commandOperations,
  ...historyOperations,
  ...agreements.flatMap((agreement: Agreement) => sourceOperations(agreement)),
  ...serviceOperations,
];

/** The publisher's OpenAPI document. Pure. */
export function publisherDocument(): OpenApiDocument {
  return openApi({
    title: 'Doorbell publisher',
    description: DESCRIPTION,
    tags: [
      {
        name: 'commands',
        description: 'What changes a shop or an owner. A command that changes nothing rings nobody.',
      },
      { name: 'history', description: 'What an operator reads: shops as they are, as they were, and why.' },
      ...agreements.map((agreement) => ({
        name: labelOf(agreement),
        description: `The source API of ${agreement.name}, version ${agreement.version} of its agreement: exactly the fields it agreed on.`,
      })),
      { name: 'service', description: 'What the publisher says of itself.' },
    ],
    tokens: {
      operator: 'The token of an operator: commands and history.',
      ...Object.fromEntries(
        agreements.map(({ name }) => [name, `The token of ${name}: good for its own source API only.`]),
      ),
    },
    operations: publisherOperations,
  });
}
