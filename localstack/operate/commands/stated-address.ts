import { shown } from '../../../contracts/environment/show.ts';
import type { Environment } from '../../../contracts/environment/unknown.ts';
import { isStandIn } from '../../infrastructure/aws/ask.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import type { RunInfo } from '../../start/home.ts';
import { terminal } from '../../terminal.ts';
import { commandVariables } from '../variables.ts';
import { awsTarget } from './aws-target.ts';

const told = new Set<string>();

/** Says on stderr, once, that an address comes from a variable. Passwords are hidden. */
export function tellStated(name: keyof typeof commandVariables, text: string): void {
  if (told.has(name)) return;
  told.add(name);
  const variable = commandVariables[name];
  const value = shown({ name, variable, from: 'environment', text, value: text, problems: [] });
  terminal.error(`${name} is set and used: ${value}`);
}

/** Warns on stderr that one address is of the running system, while others are set. */
export function tellMix(variable: keyof typeof commandVariables): void {
  terminal.trouble(`${variable} is not set, so its address is that of npm start, while other addresses are not.`);
}

/** Tells whether a queue is at the broker of a running system, by its host and port. */
export function isAtBrokerOf(run: RunInfo, queueUrl: string): boolean {
  const { endpoint } = run.broker;
  return endpoint === undefined ? !isStandIn(queueUrl) : placeOf(queueUrl) === placeOf(endpoint);
}

/** Writes host and port. All names of this machine are one: a queue may be called `sqs.us-east-1.localhost`. */
function placeOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const isHere = hostname === '127.0.0.1' || hostname === '[::1]' || /(^|\.)localhost$/.test(hostname);
  return `${protocol}//${isHere ? 'localhost' : hostname}:${port}`;
}

/**
 * Configures the SDK's client for a queue that a variable names. The broker of the running system is called as that
 * system calls it. Otherwise the environment decides, and what it leaves open follows from the URL: the region of AWS,
 * or the endpoint of a stand-in.
 */
export function clientFor(queueUrl: string, run: RunInfo | null, environment: Environment): BrokerClient {
  if (run?.broker.endpoint !== undefined && isAtBrokerOf(run, queueUrl)) return run.broker as BrokerClient;
  const { client, endpoint } = awsTarget({}, environment as NodeJS.ProcessEnv);
  if (endpoint !== null) return client;
  const { origin, hostname } = new URL(queueUrl);
  if (isStandIn(queueUrl)) return awsTarget({ endpointUrl: origin }, environment as NodeJS.ProcessEnv).client;
  const [, region] = /^sqs\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)/.exec(hostname) ?? [];
  return region === undefined ? client : { ...client, region };
}
