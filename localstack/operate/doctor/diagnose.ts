import { agreementLists } from './checks/agreements.ts';
import { concurrency, eventSources } from './checks/functions.ts';
import { queuePolicies } from './checks/policies.ts';
import {
  deadLetters,
  delay,
  maxReceiveCount,
  queueEncryption,
  queues,
  redriveAllow,
  redrivePolicy,
  retention,
  undelivered,
  visibility,
} from './checks/queues.ts';
import { relay } from './checks/relay.ts';
import { subscribers } from './checks/subscribers.ts';
import {
  filterPolicy,
  filterScope,
  rawDelivery,
  subscription,
  subscriptionDeadLetters,
} from './checks/subscription.ts';
import {
  attributes,
  clock,
  credentials,
  database,
  source,
  tokens,
  topic,
  topicEncryption,
} from './checks/surroundings.ts';
import { indexes, tableExists, timeToLive, tombstones } from './checks/tables.ts';
import { topicPolicy } from './checks/topic-policy.ts';
import type { CheckInput, CheckResult, ConsumerCheckInput, Finding, Severity } from './finding.ts';
import type { Deployed, Expected } from './state.ts';

const systemChecks: Record<string, (input: CheckInput) => CheckResult> = {
  agreements: agreementLists,
  credentials,
  clock,
  topic,
  'topic-encryption': topicEncryption,
  'topic-policy': topicPolicy,
  subscribers,
  attributes,
  relay,
  source,
  tokens,
  database,
};

const consumerChecks: Record<string, (input: ConsumerCheckInput) => CheckResult> = {
  queues,
  subscription,
  'raw-delivery': rawDelivery,
  'filter-scope': filterScope,
  'filter-policy': filterPolicy,
  'subscription-dead-letters': subscriptionDeadLetters,
  'queue-policies': queuePolicies,
  visibility,
  delay,
  redrive: redrivePolicy,
  'max-receive-count': maxReceiveCount,
  'redrive-allow': redriveAllow,
  retention,
  'queue-encryption': queueEncryption,
  'event-sources': eventSources,
  concurrency,
  table: tableExists,
  'time-to-live': timeToLive,
  indexes,
  tombstones,
  'dead-letters': deadLetters,
  undelivered,
};

/** The findings, worst first. `well` counts the checks that found nothing. */
export type Diagnosis = { findings: Finding[]; well: number };

/** Runs all checks over the deployed and the expected state. Pure. */
export function diagnose(deployed: Deployed, expected: Expected): Diagnosis {
  const input = { deployed, expected };
  const outcomes = [
    ...Object.entries(systemChecks).map(([check, run]) => ({ check, outcome: run(input) })),
    ...expected.topology.consumers.flatMap((place) => {
      const state = deployed.consumers[place.consumer];
      if (state === undefined) return [];
      return Object.entries(consumerChecks).map(([check, run]) => ({
        check,
        outcome: run({ ...input, place, state }),
      }));
    }),
  ];
  const findings = outcomes.flatMap(({ check, outcome }) => (outcome ?? []).map((problem) => ({ check, ...problem })));
  return {
    findings: findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]),
    well: outcomes.filter(({ outcome }) => outcome?.length === 0).length,
  };
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, 'not-checked': 2 };
