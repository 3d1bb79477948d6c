import type { Environment } from '../../../contracts/environment/unknown.ts';
import type { ValuesOf } from '../../../contracts/environment/variable.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { type RunInfo, readRun } from '../../start/home.ts';
import { readVariables } from '../../start/variables.ts';
import { commandVariables } from '../variables.ts';
import { refuseOther, unknownConsumer } from './find-system.ts';
import { findRunning } from './running.ts';
import { clientFor, tellStated } from './stated-address.ts';

/**
 * The dead letters of one consumer: their queue, the queue they came from, and the views. A consumer that lives from the
 * feed alone keeps its dead letters with its views, and `deadLetterQueueUrl` is null.
 */
export type LetterPlace = {
  name: string;
  deadLetterQueueUrl: string | null;
  /** Throws an Error if the queue is not known. */
  queueUrl: () => string;
  /** Null if it is not known where the views are. */
  views: string | null;
  client: BrokerClient;
};

/** Thrown if no consumer of this name runs, and the environment names no queue either. */
export class UnknownConsumer extends Error {
  override name = 'UnknownConsumer';
}

type Stated = ValuesOf<typeof commandVariables, 'letters'>;

/**
 * Finds dead letters: those of the queue that the environment names, or else those of the chosen consumer, or of every
 * one, that runs in a folder. Throws NotRunning, UnknownConsumer, or an Error about variables that are missing or
 * contradict each other.
 */
export function letterPlaces(home: string, environment: Environment, consumer: string | undefined): LetterPlace[] {
  const read = readVariables(commandVariables, 'letters', environment);
  refuseOther(read.DOORBELL_CONSUMER, consumer);
  if (read.DOORBELL_BROKER === 'feed') return [keptPlace(read, consumer)];
  const isStated = read.DOORBELL_QUEUE_URL !== undefined || read.DOORBELL_DEAD_LETTER_QUEUE_URL !== undefined;
  if (isStated) return [statedPlace(read, consumer, readRun(home)?.run ?? null, environment)];
  return placesOfRun(findRunning(home).run, read, consumer ?? read.DOORBELL_CONSUMER);
}

function keptPlace({ DOORBELL_VIEWS, DOORBELL_CONSUMER }: Stated, consumer: string | undefined): LetterPlace {
  if (DOORBELL_VIEWS === undefined)
    throw new Error('DOORBELL_VIEWS: missing; without a broker, dead letters are kept with the views');
  tellStated('DOORBELL_VIEWS', DOORBELL_VIEWS);
  return {
    name: consumer ?? DOORBELL_CONSUMER ?? DOORBELL_VIEWS,
    deadLetterQueueUrl: null,
    queueUrl: noQueue,
    views: DOORBELL_VIEWS,
    client: {},
  };
}

function noQueue(): never {
  throw new Error(
    'DOORBELL_BROKER is feed: there is no queue to put dead letters back into. Each is looked at again with the next ' +
      'change of its resource, and then forgotten if it can be a view.',
  );
}

function statedPlace(
  { DOORBELL_QUEUE_URL, DOORBELL_DEAD_LETTER_QUEUE_URL, DOORBELL_VIEWS, DOORBELL_CONSUMER }: Stated,
  consumer: string | undefined,
  run: RunInfo | null,
  environment: Environment,
): LetterPlace {
  const url = DOORBELL_DEAD_LETTER_QUEUE_URL;
  if (url === undefined)
    throw new Error(
      'DOORBELL_DEAD_LETTER_QUEUE_URL: missing; DOORBELL_QUEUE_URL is set, so give the dead-letter queue that belongs to it',
    );
  refuseTwoBrokers(url, DOORBELL_QUEUE_URL);
  tellStated('DOORBELL_DEAD_LETTER_QUEUE_URL', url);
  const [owner, place] = Object.entries(run?.consumers ?? {}).find(([, each]) => each.deadLetterQueueUrl === url) ?? [];
  return {
    name: consumer ?? DOORBELL_CONSUMER ?? owner ?? new URL(url).pathname.split('/').at(-1) ?? url,
    deadLetterQueueUrl: url,
    queueUrl: () => told('DOORBELL_QUEUE_URL', DOORBELL_QUEUE_URL) ?? place?.queueUrl ?? missingQueue(),
    views: told('DOORBELL_VIEWS', DOORBELL_VIEWS) ?? place?.views ?? null,
    client: clientFor(url, run, environment),
  };
}

function told(name: 'DOORBELL_QUEUE_URL' | 'DOORBELL_VIEWS', value: string | undefined): string | undefined {
  if (value !== undefined) tellStated(name, value);
  return value;
}

function missingQueue(): never {
  throw new Error('DOORBELL_QUEUE_URL: missing; give the queue to which these dead letters go back');
}

/** Refuses a queue and a dead-letter queue at two hosts: letters of one system would go into another. */
function refuseTwoBrokers(deadLetterQueueUrl: string, queueUrl: string | undefined): void {
  if (queueUrl === undefined || new URL(queueUrl).host === new URL(deadLetterQueueUrl).host) return;
  throw new Error(
    'DOORBELL_QUEUE_URL and DOORBELL_DEAD_LETTER_QUEUE_URL are at two brokers: give both queues of one consumer.',
  );
}

function placesOfRun(run: RunInfo, { DOORBELL_VIEWS }: Stated, consumer: string | undefined): LetterPlace[] {
  const chosen = Object.entries(run.consumers).filter(([name]) => consumer === undefined || name === consumer);
  if (chosen.length === 0 && consumer !== undefined)
    throw new UnknownConsumer(unknownConsumer(run, consumer, 'DOORBELL_DEAD_LETTER_QUEUE_URL and DOORBELL_QUEUE_URL'));
  if (consumer === undefined && DOORBELL_VIEWS !== undefined)
    throw new Error('DOORBELL_VIEWS is set: name the consumer of these views by --consumer');
  return chosen.map(([name, { queueUrl, deadLetterQueueUrl, views }]) => ({
    name,
    deadLetterQueueUrl,
    queueUrl: () => queueUrl,
    views: told('DOORBELL_VIEWS', DOORBELL_VIEWS) ?? views,
    client: run.broker as BrokerClient,
  }));
}
