import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { lackingPackage } from '../../../contracts/environment/optional-package.ts';
import { type Agreement, consumersOf } from '../../../contracts/wire/agreement.ts';
import { refuseAway } from '../../infrastructure/aws/ask.ts';
import { cloudFormationOf } from '../../infrastructure/cloudformation.ts';
import type { Provisioned } from '../../infrastructure/provision.ts';
import { type Topology, topologyOf } from '../../infrastructure/topology.ts';
import { terminal } from '../../terminal.ts';
import { readAgreements } from '../agreements-file.ts';
import { type EnvFile, envText, placed } from '../deploy/env.ts';
import { type AwsTarget, awsTarget, readEndpoint, readRegion, readStage, type TargetOptions } from './aws-target.ts';

type Options = TargetOptions & {
  agreements: string;
  stage: string;
  topic?: string;
  consumer?: string;
  cloudformation?: boolean;
  json?: boolean;
  output?: string;
};

const CLIENTS = ['doorbell provision', '@aws-sdk/client-sns', '@aws-sdk/client-sqs'] as const;

/** Makes `doorbell provision`, which makes topic, queues, filters and policies of the agreements of a module. */
export function provisionCommand(): Command {
  return new Command('provision')
    .description('make topic, queues, filters and policies for agreements, and print the variables of their addresses')
    .requiredOption('--agreements <file>', 'the module that exports the agreements, in JavaScript or TypeScript')
    .option('--stage <name>', 'the beginning of every name, if one account has several systems', readStage, 'doorbell')
    .option('--topic <name>', 'the name of the topic (default: the stage and -changes)', readTopic)
    .option('--consumer <name>', 'make only the queues of this consumer')
    .option('--endpoint-url <url>', 'ask LocalStack or another stand-in instead of AWS', readEndpoint)
    .option('--region <name>', 'the region of AWS', readRegion)
    .option('--cloudformation', 'print a CloudFormation template instead, and ask AWS nothing')
    .option('--output <file>', 'write to this file instead, and only if everything was made')
    .option('--json', 'print NDJSON: one line for the topic, and one for each consumer')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { agreements } = await readAgreements(options.agreements);
  const topology = topologyOf(chosen(agreements, options, command), options.stage, topicOf(options));
  const { output } = options;
  if (options.cloudformation) return tell(JSON.stringify(cloudFormationOf(topology), null, 2), output);
  const at = awsTarget(options, process.env);
  const { provision } = await import('../../infrastructure/provision.ts').catch(lackingPackage(...CLIENTS));
  const made = await provision(topology, at.client).catch((error) => refuseAway(error, at.endpoint));
  terminal.error(summary(topology, at));
  tell(options.json ? jsonText(made) : variablesText(made, at), output);
}

/** Prints a text, or writes it to a file: `> file` of a shell leaves an empty file where the command fails. */
function tell(text: string, file: string | undefined): void {
  if (file === undefined) terminal.line(text);
  else writeFileSync(file, `${text}\n`);
}

/** Chooses the agreements of one consumer, or all. An unknown name ends the program with a usage error. */
function chosen(agreements: readonly Agreement[], { consumer }: Options, command: Command): readonly Agreement[] {
  if (consumer === undefined) return agreements;
  const some = agreements.filter(({ name }) => name === consumer);
  const names = consumersOf(agreements).map(({ name }) => name);
  if (some.length === 0) command.error(`error: no consumer "${consumer}"; the agreements are of ${names.join(', ')}`);
  return some;
}

const topicOf = ({ topic }: Options) => (topic === undefined ? {} : { topic });

/** Reads the name of a topic (Amazon SNS, CreateTopic). */
function readTopic(text: string): string {
  if (!/^[\w-]{1,256}$/.test(text)) throw new InvalidArgumentError('Give 1 to 256 of A-Z a-z 0-9 _ -.');
  return text;
}

function summary({ topic, consumers }: Topology, { client, endpoint }: AwsTarget): string {
  const where = endpoint ?? `AWS${client.region === undefined ? '' : `, ${client.region}`}`;
  return `Topic ${topic} and the queues of ${consumers.map(({ consumer }) => consumer).join(', ')} are there (${where}).`;
}

/** Writes the variables of the publisher or its relay, and of each consumer. */
function variablesText({ topicArn, consumers }: Provisioned, { endpoint }: AwsTarget): string {
  const files: EnvFile[] = [
    { of: 'publisher or relay', text: `DOORBELL_TOPIC_ARN=${topicArn}` },
    ...Object.entries(consumers).map(([name, { queueUrl, deadLetterQueueUrl }]) => ({
      of: name,
      text: [
        `DOORBELL_CONSUMER=${name}`,
        `DOORBELL_QUEUE_URL=${queueUrl}`,
        `DOORBELL_DEAD_LETTER_QUEUE_URL=${deadLetterQueueUrl}`,
      ].join('\n'),
    })),
  ];
  return envText(placed(files, endpoint));
}

function jsonText({ topicArn, consumers }: Provisioned): string {
  const lines = [
    { schemaVersion: 1, kind: 'topic', topicArn },
    ...Object.entries(consumers).map(([consumer, urls]) => ({ schemaVersion: 1, kind: 'consumer', consumer, ...urls })),
  ];
  return lines.map((line) => JSON.stringify(line)).join('\n');
}
