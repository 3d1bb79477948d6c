import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { parseNotification } from '../../contracts/wire/notification.ts';
import { listen } from '../../publisher/http/listen.ts';
import type { OutgoingMessage } from '../../publisher/relay/message.ts';
import { systemClock } from '../../publisher/system.ts';
import type { Params, providerWorld } from '../support/provider-states.ts';
import { textOfMismatch } from './mismatch.ts';

process.env.PACT_DO_NOT_TRACK = 'true';
const { Verifier } = await import('@pact-foundation/pact');

type World = Awaited<ReturnType<typeof providerWorld>>;

/** Verifies the publisher against one pact, by Pact's own verifier. Rejects naming each field and both sides. */
export async function verify(pact: URL, world: World, app: Pick<Hono, 'fetch'> = world.app): Promise<void> {
  const listening = await listen(app as Hono, 0, '127.0.0.1', systemClock);
  const verifier = new Verifier({
    provider: 'publisher',
    providerBaseUrl: `http://127.0.0.1:${listening.port}`,
    pactUrls: [fileURLToPath(pact)],
    stateHandlers: Object.fromEntries(
      world.states.map((name) => [name, (params) => world.setUp(name, params as Params)]),
    ),
    messageProviders: messagesOf(pact, world),
    logLevel: 'error',
  });
  try {
    await verifier.verifyProvider();
  } catch (error) {
    throw new Error(textOfMismatch((error as Error).message, world.errors));
  } finally {
    await listening.close();
  }
}

/** Each notification of a pact, as the publisher makes it of what it has just committed. */
function messagesOf(pact: URL, { notify }: World) {
  const { interactions } = JSON.parse(readFileSync(pact, 'utf8')) as {
    interactions: { type: string; description: string }[];
  };
  const descriptions = interactions
    .filter(({ type }) => type === 'Asynchronous/Messages')
    .map((each) => each.description);
  return Object.fromEntries(descriptions.map((description) => [description, () => asPact(notify())]));
}

async function asPact(message: Promise<OutgoingMessage>) {
  const { body, attributes } = await message;
  const values = Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]);
  return { __pactMessageMetadata: Object.fromEntries(values), message: parseNotification(body) };
}
