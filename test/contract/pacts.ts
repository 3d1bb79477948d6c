import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../consumers/part.ts';
import { agreedShop } from './agreed-shop.ts';
import { clientOf, type Received, ringConsumer } from './consumer-world.ts';
import { type Interaction, interactionsOf } from './interactions.ts';

// Pact counts its users otherwise. It must be said before its core is loaded.
process.env.PACT_DO_NOT_TRACK = 'true';
const { MatchersV3: match, PactV4 } = await import('@pact-foundation/pact');
type Pact = InstanceType<typeof PactV4>;

/** Where the committed pacts are. */
export const PACTS = new URL('./pacts/', import.meta.url);

/** The file of a consumer's pact. */
export const pactFile = (consumer: string): string => `${consumer}-publisher.json`;

/** Records what a consumer asks for and is rung by, by running it against Pact's mock; gives back the file's text. */
export async function recordPact(part: Part): Promise<string> {
  const consumer = part.consumer.agreement.name;
  const dir = mkdtempSync(join(tmpdir(), 'doorbell-pact-'));
  try {
    const pact = new PactV4({ consumer, provider: 'publisher', dir, logLevel: 'error' });
    for (const interaction of interactionsOf(part)) await recordRequest(pact, part, interaction);
    for (const type of part.consumer.agreement.wakesOn) await recordNotification(pact, part, type);
    return withoutTools(readFileSync(join(dir, pactFile(consumer)), 'utf8'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Writes the pacts of all these consumers. */
export async function writePacts(parts: readonly Part[]): Promise<string[]> {
  mkdirSync(PACTS, { recursive: true });
  const files: string[] = [];
  for (const part of parts) {
    const file = new URL(pactFile(part.consumer.agreement.name), PACTS);
    writeFileSync(file, await recordPact(part));
    files.push(file.pathname);
  }
  return files;
}

async function recordRequest(pact: Pact, part: Part, interaction: Interaction): Promise<void> {
  const { name, states, request, response, rings, held = [], token } = interaction;
  const unconfigured = pact.addInteraction().uponReceiving(name);
  for (const state of states) unconfigured.given(state.name, state.params);
  await unconfigured
    .withRequest(request.method, request.path, (builder) => {
      builder.headers(request.headers);
      if (request.body !== undefined) builder.jsonBody(request.body);
    })
    .willRespondWith(response.status, (builder) => {
      if (response.headers !== undefined) builder.headers(response.headers as Record<string, string>);
      if (response.body !== undefined) builder.jsonBody(response.body);
    })
    .executeTest(async ({ url }) => {
      const source = clientOf(part, url, token ?? `token-of-${part.consumer.agreement.name}`);
      const messages = rings.map(({ id, version }) => notification(id, 'shop.details-changed', version));
      interaction.expect(await ringConsumer(part, messages, { source, held }).finally(source.close));
    });
}

async function recordNotification(pact: Pact, part: Part, type: string): Promise<void> {
  const { agreement } = part.consumer;
  const shop = match.reify(agreedShop(agreement, 'everything'));
  const id = type.replace('.', '-');
  await pact
    .addAsynchronousInteraction()
    .given('a shop to which this happens', { id, type })
    .expectsToReceive(`${type} of a shop`, (builder) => {
      builder.withJSONContent({ id, type });
      builder.withMetadata({
        type,
        version: match.regex('^[1-9]\\d*$', '2'),
        eventId: match.regex('^[0-9a-f-]{36}$', '01890000-0000-7000-8000-000000000000'),
        occurredAt: match.regex('^[1-9]\\d{12}$', '1750000000000'),
      } as unknown as Record<string, string>);
    })
    .executeTest(async ({ contents, metadata }) => {
      const wants: unknown[] = [];
      const message = { body: JSON.stringify(contents.content), attributes: metadata as Record<string, string> };
      const source = {
        look: async (asked: readonly { id: string }[]) => {
          wants.push(...asked);
          return asked.map(() => ({ kind: 'found', version: 2, shop }) as const);
        },
      };
      const { rows, outcomes } = await ringConsumer(part, [message], { source });
      assert.deepEqual(wants, [{ id, minVersion: 2 }]);
      assert.deepEqual([rows.map((row) => row.id), outcomes], [[id], ['applied']]);
    });
}

function notification(id: string, type: string, version: number | undefined): Received {
  return { body: JSON.stringify({ id, type }), attributes: version === undefined ? {} : { version: String(version) } };
}

/** Which version of Pact wrote a file is no part of what was agreed. */
function withoutTools(text: string): string {
  const { metadata, ...pact } = JSON.parse(text) as { metadata: { pactSpecification: unknown } };
  return `${JSON.stringify({ ...pact, metadata: { pactSpecification: metadata.pactSpecification } }, null, 2)}\n`;
}
