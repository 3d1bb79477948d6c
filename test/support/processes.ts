import { production, sourceTokenOf } from './production.ts';

/** The token that is good for the agreement of display. */
export const sourceToken = sourceTokenOf('display');

/**
 * Publisher and display consumer as they run in production. `token` is what the consumer sends; `consumer` is what else it is
 * told, as where its views are.
 */
export async function processes({ token = sourceToken, consumer = {} } = {}) {
  const { client, places, admin, passwords, startPublisher, startConsumer } = await production();
  const publisher = await startPublisher();
  const display = await startConsumer('display', publisher.url, { DOORBELL_SOURCE_TOKEN: token, ...consumer });
  const { queueUrl = '' } = places.display ?? {};
  return {
    client,
    queueUrl,
    publisher,
    publisherUrl: publisher.url,
    display,
    displayUrl: display.url,
    admin,
    passwords,
  };
}
