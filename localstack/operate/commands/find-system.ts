import { type Environment, stated } from '../../../contracts/environment/unknown.ts';
import type { ValuesOf } from '../../../contracts/environment/variable.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { type RunInfo, readRun } from '../../start/home.ts';
import { readVariables } from '../../start/variables.ts';
import { commandVariables } from '../variables.ts';
import { awsTarget } from './aws-target.ts';
import { findRunning } from './running.ts';
import { clientFor, isAtBrokerOf, tellStated } from './stated-address.ts';

/** Addresses of one system: its database, topic and queues, each with the way to its broker. */
export type SystemAccess = {
  databaseUrl: string;
  /** The URL of the schema's owner, who may rewrite derived rows. */
  databaseAdminUrl: string;
  /** Throws an Error that names the variable that is missing, or that contradicts another. */
  topic: () => { topicArn: string; client: BrokerClient };
  queue: (consumer: string) => { queueUrl: string; client: BrokerClient };
};

type Stated = ValuesOf<typeof commandVariables, 'system'>;

/** What a system is found by: the variables, and what runs in the folder unless another database is meant. */
type Place = { read: Stated; run: RunInfo | null; environment: Environment };

/**
 * Finds a system by the environment and by what runs in a folder. A variable that is set goes before the address of
 * what runs, and is named on stderr. If DATABASE_URL names another database, nothing of what runs is used, so that
 * events of one system never ring at another by mistake. Throws NotRunning.
 */
export function findSystem(home: string, environment: Environment): SystemAccess {
  const read = readVariables(commandVariables, 'system', environment);
  const running = readRun(home)?.run ?? null;
  const isOther = read.DATABASE_URL !== undefined && read.DATABASE_URL !== running?.databaseUrl;
  const place: Place = { read, run: isOther ? null : running, environment };
  return {
    ...databasesOf(place, home),
    topic: () => topicOf(place),
    queue: (consumer) => queueOf(place, consumer),
  };
}

function databasesOf({ read, run }: Place, home: string): Pick<SystemAccess, 'databaseUrl' | 'databaseAdminUrl'> {
  const { DATABASE_URL: url, DATABASE_ADMIN_URL: adminUrl } = read;
  if (url === undefined && adminUrl !== undefined)
    throw new Error('DATABASE_ADMIN_URL is set, but DATABASE_URL is not: set both, or neither.');
  if (url === undefined) {
    const { databaseUrl, databaseAdminUrl } = findRunning(home).run;
    return { databaseUrl, databaseAdminUrl };
  }
  tellStated('DATABASE_URL', url);
  return { databaseUrl: url, databaseAdminUrl: adminUrl ?? run?.databaseAdminUrl ?? url };
}

function topicOf({ read, run, environment }: Place): ReturnType<SystemAccess['topic']> {
  const topicArn = read.DOORBELL_TOPIC_ARN;
  if (topicArn === undefined) {
    if (run === null) throw new Error('DOORBELL_TOPIC_ARN: missing; give the ARN of the SNS topic');
    return { topicArn: run.topicArn, client: run.broker as BrokerClient };
  }
  tellStated('DOORBELL_TOPIC_ARN', topicArn);
  const { client, endpoint } = awsTarget({}, environment as NodeJS.ProcessEnv);
  const isOfRun = run !== null && accountOf(topicArn) === accountOf(run.topicArn) && isMeantBy(run, endpoint);
  if (isOfRun) return { topicArn, client: run.broker as BrokerClient };
  refuseMix(read, run, 'DOORBELL_TOPIC_ARN', 'the topic');
  return { topicArn, client: { ...client, region: topicArn.split(':')[3] ?? '' } };
}

/** Returns partition, service, region and account of an ARN. */
const accountOf = (arn: string) => arn.split(':').slice(0, 5).join(':');

/** Tells whether a stated endpoint, or none, leads to the broker of the running system. */
const isMeantBy = (run: RunInfo, endpoint: string | null) => endpoint === null || isAtBrokerOf(run, endpoint);

function queueOf({ read, run, environment }: Place, consumer: string): ReturnType<SystemAccess['queue']> {
  const queueUrl = read.DOORBELL_QUEUE_URL;
  if (queueUrl === undefined) return queueOfRun(run, consumer);
  refuseOther(read.DOORBELL_CONSUMER, consumer);
  tellStated('DOORBELL_QUEUE_URL', queueUrl);
  if (run !== null) {
    const [owner] = Object.entries(run.consumers).find(([, place]) => place.queueUrl === queueUrl) ?? [consumer];
    if (owner !== consumer) throw new Error(`DOORBELL_QUEUE_URL is the queue of ${owner}, not of ${consumer}.`);
    if (!isAtBrokerOf(run, queueUrl)) refuseMix(read, run, 'DOORBELL_QUEUE_URL', 'the queue');
  }
  return { queueUrl, client: clientFor(queueUrl, run, environment) };
}

function queueOfRun(run: RunInfo | null, consumer: string): ReturnType<SystemAccess['queue']> {
  if (run === null) throw new Error(`DOORBELL_QUEUE_URL: missing; give the URL of the queue of ${consumer}`);
  const place = run.consumers[consumer];
  if (place !== undefined) return { queueUrl: place.queueUrl, client: run.broker as BrokerClient };
  throw new Error(unknownConsumer(run, consumer, 'DOORBELL_QUEUE_URL to the URL of its queue'));
}

/** Writes that no consumer of this name runs here, which do, and how to give another one. */
export function unknownConsumer({ consumers }: RunInfo, consumer: string, how: string): string {
  const names = Object.keys(consumers);
  const others = names.length === 0 ? '' : `, only ${names.join(', ')}`;
  return `No consumer ${consumer} runs here${others}. If it runs elsewhere, set ${how}.`;
}

/** Throws an Error if the addresses that are set are those of another consumer than the one that is asked for. */
export function refuseOther(stated: string | undefined, consumer: string | undefined): void {
  if (stated === undefined || consumer === undefined || stated === consumer) return;
  throw new Error(`DOORBELL_CONSUMER is ${stated}, but --consumer is ${consumer}: set the addresses of one of them.`);
}

/** Refuses to ring for events of the running system at another broker, unless its database is named as well. */
function refuseMix(read: Stated, run: RunInfo | null, variable: string, what: string): void {
  if (run === null || read.DATABASE_URL !== undefined) return;
  throw new Error(
    `${variable} is at another broker than the system of npm start, whose events would ring there. ` +
      `Set DATABASE_URL to the database that belongs to ${what}, or remove ${variable}.`,
  );
}

/** Tells whether any of these variables is set. */
export const isAnyStated = (environment: Environment, ...names: (keyof typeof commandVariables)[]): boolean =>
  names.some((name) => stated(environment, name) !== undefined);
