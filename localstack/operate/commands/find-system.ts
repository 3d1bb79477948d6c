import { consumerVariables } from '../../../consumers/variables.ts';
import { readVariables } from '../../../contracts/environment/read.ts';
import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import { defineVariables } from '../../../contracts/environment/variable.ts';
import { publisherVariables } from '../../../publisher/variables.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { readRun } from '../../start/home.ts';
import { findRunning } from './running.ts';

/** Where events are and where they ring: a system that `npm start` runs, or one that the environment names. */
export type SystemAccess = {
  databaseUrl: string;
  /** Of the schema's owner, who may write anew what is derived. */
  databaseAdminUrl: string;
  broker: BrokerClient;
  /** Throws an Error that names the variable that is missing. */
  topicArn: () => string;
  queueUrl: (consumer: string) => string;
};

const { DATABASE_URL, DATABASE_ADMIN_URL, DOORBELL_TOPIC_ARN } = publisherVariables;

/** What sides read, here each where a command needs it. */
const variables = defineVariables({
  DATABASE_URL: { ...DATABASE_URL, readBy: ['place'] },
  DATABASE_ADMIN_URL: { ...DATABASE_ADMIN_URL, readBy: ['place'] },
  DOORBELL_TOPIC_ARN: { ...DOORBELL_TOPIC_ARN, readBy: ['place'], optional: true },
  DOORBELL_QUEUE_URL: { ...consumerVariables.DOORBELL_QUEUE_URL, readBy: ['place'], optional: true },
});

/**
 * The system in a folder. Where DATABASE_URL names another database than that one's, everything is taken from the environment,
 * by the names that publisher and consumers know, so that events of one system never ring at another. Throws NotRunning.
 */
export function findSystem(home: string, environment: Environment): SystemAccess {
  const running = readRun(home);
  const url = stated(environment, 'DATABASE_URL');
  if (url === undefined || running?.run.databaseUrl === url) return systemOfRun(home);
  const read = readVariables(variables, 'place', environment);
  return {
    databaseUrl: read.DATABASE_URL,
    databaseAdminUrl: read.DATABASE_ADMIN_URL ?? read.DATABASE_URL,
    broker: {},
    topicArn: () => need(read.DOORBELL_TOPIC_ARN, 'DOORBELL_TOPIC_ARN: missing; the ARN of the SNS topic'),
    queueUrl: (consumer) =>
      need(read.DOORBELL_QUEUE_URL, `DOORBELL_QUEUE_URL: missing; the URL of the queue of ${consumer}`),
  };
}

function systemOfRun(home: string): SystemAccess {
  const { run } = findRunning(home);
  return {
    databaseUrl: run.databaseUrl,
    databaseAdminUrl: run.databaseAdminUrl,
    broker: run.broker as BrokerClient,
    topicArn: () => run.topicArn,
    queueUrl: (consumer) =>
      need(run.consumers[consumer]?.queueUrl, `No consumer ${consumer} runs. Stop npm start and start it again.`),
  };
}

function need(value: string | undefined, otherwise: string): string {
  if (value === undefined) throw new Error(otherwise);
  return value;
}
