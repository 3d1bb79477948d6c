import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../consumers/part.ts';
import { type Interaction, interactionsOf } from './interactions.ts';
import { notificationOf, ringByNotification, ringForRequest } from './rings.ts';

// Pact counts its users otherwise. It must be said before its core is loaded.
process.env.PACT_DO_NOT_TRACK = 'true';
const { PactV4 } = await import('@pact-foundation/pact');
type Pact = InstanceType<typeof PactV4>;
type Attributes = Record<string, string>;

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
  const { name, states, request, response } = interaction;
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
    .executeTest(({ url }) => ringForRequest(part, interaction, url));
}

async function recordNotification(pact: Pact, part: Part, type: string): Promise<void> {
  const { name, state, content, metadata } = notificationOf(type);
  await pact
    .addAsynchronousInteraction()
    .given(state.name, state.params)
    .expectsToReceive(name, (builder) => {
      builder.withJSONContent(content);
      builder.withMetadata(metadata as unknown as Record<string, string>);
    })
    .executeTest(({ contents, metadata }) =>
      ringByNotification(part, { body: JSON.stringify(contents.content), attributes: metadata as Attributes }),
    );
}

/** Which version of Pact wrote a file is no part of what was agreed. */
function withoutTools(text: string): string {
  const { metadata, ...pact } = JSON.parse(text) as { metadata: { pactSpecification: unknown } };
  return `${JSON.stringify({ ...pact, metadata: { pactSpecification: metadata.pactSpecification } }, null, 2)}\n`;
}
