import * as z from 'zod/mini';
import { postgresUrl, readEnvironment } from '../../contracts/environment.ts';
import { readRun } from '../dev/home.ts';
import type { BrokerClient } from '../provision.ts';
import { findRunning } from './running.ts';

/** Where events are and where they ring: a system that `npm start` runs, or one that the environment names. */
export type Place = {
  databaseUrl: string;
  /** Of the schema's owner, who may write anew what is derived. */
  databaseAdminUrl: string;
  broker: BrokerClient;
  /** Throws an Error that names the variable that is missing. */
  topicArn: () => string;
  queueUrl: (consumer: string) => string;
};

const Environment = z.object({
  DATABASE_URL: postgresUrl,
  DATABASE_ADMIN_URL: z.optional(postgresUrl),
  DOORBELL_TOPIC_ARN: z.optional(z.string()),
  DOORBELL_QUEUE_URL: z.optional(z.url()),
});

/**
 * The system in a folder. Where DATABASE_URL names another database than that one's, everything is taken from the environment,
 * by the names that publisher and consumers know, so that events of one system never ring at another. Throws NotRunning.
 */
export function findPlace(home: string, environment: NodeJS.ProcessEnv): Place {
  const running = readRun(home);
  const { DATABASE_URL: url } = environment;
  if (url === undefined || url === '' || running?.run.databaseUrl === url) return placeOfRun(home);
  const read = readEnvironment(Environment, environment);
  return {
    databaseUrl: read.DATABASE_URL,
    databaseAdminUrl: read.DATABASE_ADMIN_URL ?? read.DATABASE_URL,
    broker: {},
    topicArn: () => stated(read.DOORBELL_TOPIC_ARN, 'DOORBELL_TOPIC_ARN: missing; the ARN of the SNS topic'),
    queueUrl: (consumer) =>
      stated(read.DOORBELL_QUEUE_URL, `DOORBELL_QUEUE_URL: missing; the URL of the queue of ${consumer}`),
  };
}

function placeOfRun(home: string): Place {
  const { run } = findRunning(home);
  return {
    databaseUrl: run.databaseUrl,
    databaseAdminUrl: run.databaseAdminUrl,
    broker: run.broker as BrokerClient,
    topicArn: () => run.topicArn,
    queueUrl: (consumer) =>
      stated(run.consumers[consumer]?.queueUrl, `No consumer ${consumer} runs. Stop npm start and start it again.`),
  };
}

function stated(value: string | undefined, otherwise: string): string {
  if (value === undefined) throw new Error(otherwise);
  return value;
}
