import { consumerVariables } from '../../../consumers/variables.ts';
import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import { defineVariables } from '../../../contracts/environment/variable.ts';
import { publisherVariables } from '../../../publisher/variables.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { readRun } from '../../start/home.ts';
import { readVariables } from '../../start/variables.ts';
import { findRunning } from './running.ts';

/** Addresses of one system: its database, broker, topic and queues. */
export type SystemAccess = {
  databaseUrl: string;
  /** The URL of the schema's owner, who may rewrite derived rows. */
  databaseAdminUrl: string;
  broker: BrokerClient;
  /** Throws an Error that names the variable that is missing. */
  topicArn: () => string;
  queueUrl: (consumer: string) => string;
};

const { DATABASE_URL, DATABASE_ADMIN_URL, DOORBELL_TOPIC_ARN } = publisherVariables;

/** The variables of publisher and consumers that a command reads. Those that only some commands need are optional. */
const variables = defineVariables({
  DATABASE_URL: { ...DATABASE_URL, readBy: ['place'] },
  DATABASE_ADMIN_URL: { ...DATABASE_ADMIN_URL, readBy: ['place'] },
  DOORBELL_TOPIC_ARN: { ...DOORBELL_TOPIC_ARN, readBy: ['place'], optional: true },
  DOORBELL_QUEUE_URL: { ...consumerVariables.DOORBELL_QUEUE_URL, readBy: ['place'], optional: true },
});

/**
 * Finds the system that runs in a folder. If DATABASE_URL names another database, every address comes from the
 * environment, so that events of one system never ring at another. Throws NotRunning.
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
    topicArn: () => need(read.DOORBELL_TOPIC_ARN, 'DOORBELL_TOPIC_ARN: missing; give the ARN of the SNS topic'),
    queueUrl: (consumer) =>
      need(read.DOORBELL_QUEUE_URL, `DOORBELL_QUEUE_URL: missing; give the URL of the queue of ${consumer}`),
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
