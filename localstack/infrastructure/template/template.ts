import { parts as allConsumers } from '../../../consumers/all.ts';
import type { Part } from '../../../consumers/part.ts';
import { agreements as allAgreements } from '../../../contracts/shops/agreements/all.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { functionAlarms, messagingAlarms } from './alarms.ts';
import { refuseDuplicateNames } from './duplicate-names.ts';
import { withExceptions } from './exceptions.ts';
import { consumerFunctions } from './functions/consumer.ts';
import type { FunctionSpec } from './functions/function.ts';
import { publisherFunctions, RELAY_ROLE } from './functions/publisher.ts';
import { functionResources, logGroupsOf } from './functions/resources.ts';
import { keyResources } from './key.ts';
import { operatorResources } from './operator.ts';
import { type Output, outputsOf } from './outputs.ts';
import { conditionsOf, parametersOf, type TemplateParameter } from './parameters.ts';
import { placeResources } from './places.ts';
import { PARTS, type PartName, planOf, type TemplatePlan } from './plan.ts';
import { tableResources } from './tables.ts';
import { topicResources } from './topic.ts';
import { merged, type Resources } from './values.ts';

/** A CloudFormation template. */
export type Template = {
  AWSTemplateFormatVersion: '2010-09-09';
  Transform?: 'AWS::Serverless-2016-10-31';
  Description: string;
  Parameters: Record<string, TemplateParameter>;
  Conditions: Record<string, unknown>;
  Resources: Resources;
  Outputs: Record<string, { Description: string; Value: unknown }>;
};

/** Parts, consumers and agreements of a template (default: all). */
export type TemplateOptions = {
  parts?: readonly PartName[];
  consumers?: readonly Part[];
  agreements?: readonly Pick<Agreement, 'name' | 'wakesOn'>[];
};

/**
 * Makes the template of these parts: `messaging` is topic, queues, subscriptions and their alarms, `tables` the
 * tables of the views, and `functions` all functions. Pure. Throws an Error if functions lack their queues and
 * tables, or if two resources would have the same name.
 */
export function templateOf(options: TemplateOptions = {}): Template {
  const plan = planFor(options);
  const specs = functionsOf(options);
  const resources = resourcesOf(plan, specs);
  refuseDuplicateNames(resources);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    ...(plan.has('functions') && { Transform: 'AWS::Serverless-2016-10-31' }),
    Description: `Doorbell: ${PARTS.filter(plan.has).join(', ')}.`,
    Parameters: parametersOf(plan, specs),
    Conditions: conditionsOf(plan),
    Resources: mapped(resources, withExceptions),
    Outputs: Object.fromEntries(outputsOf(plan).map((each) => [each.output, outputOf(each)])),
  };
}

/** Lists the functions of the template, which need bundles; none without the part `functions`. */
export function functionsOf(options: TemplateOptions = {}): FunctionSpec[] {
  const { has, consumers } = planFor(options);
  return has('functions') ? [...publisherFunctions(), ...consumers.flatMap(consumerFunctions)] : [];
}

/** Lists the outputs of a stack with their environment variables and owners. */
export function environmentOf(options: TemplateOptions = {}): Pick<Output, 'output' | 'variable' | 'of'>[] {
  return outputsOf(planFor(options)).map(({ output, variable, of }) => ({ output, variable, of }));
}

function planFor({
  parts = PARTS,
  consumers = allConsumers,
  agreements = allAgreements,
}: TemplateOptions): TemplatePlan {
  return planOf(parts, consumers, agreements);
}

function resourcesOf({ has, topology, consumers }: TemplatePlan, specs: readonly FunctionSpec[]): Resources {
  const relayRole = has('functions') ? RELAY_ROLE : null;
  return merged(
    keyResources(topology.topic, logGroupsOf(specs)),
    has('messaging') ? topicResources(topology.topic, { relayRole }) : {},
    has('messaging') ? placeResources(topology) : {},
    has('messaging') ? operatorResources(topology) : {},
    has('tables') ? tableResources(consumers) : {},
    functionResources(specs),
    has('messaging') ? messagingAlarms(topology) : {},
    has('functions')
      ? functionAlarms(
          specs,
          topology.consumers.map(({ consumer }) => consumer),
        )
      : {},
  );
}

const outputOf = ({ description, value }: Output) => ({ Description: description, Value: value });

function mapped<Each>(all: Record<string, Each>, change: (each: Each) => Each): Record<string, Each> {
  return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, change(each)]));
}
