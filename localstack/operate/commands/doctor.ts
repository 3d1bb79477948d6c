import { Command } from 'commander';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { stated } from '../../../contracts/environment/unknown.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { type RunInfo, readRun } from '../../start/home.ts';
import { terminal } from '../../terminal.ts';
import type { Diagnosis } from '../doctor/diagnose.ts';
import { diagnosisJson, diagnosisText } from '../doctor/print.ts';
import type { DoctorTarget } from '../doctor/read-deployed.ts';
import type { Expected } from '../doctor/state.ts';
import { awsTarget, isAwsMeant, readEndpoint, readStage, type TargetOptions } from './aws-target.ts';
import { exit, NotRunning } from './running.ts';

type Options = TargetOptions & { stage: string; json?: boolean; strict?: boolean };

/** Makes `doorbell doctor`, which compares the deployed system with the topology. Exits 3 if there is a finding. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check topic, queues, functions and tables against the topology, and say how to correct them')
    .option('--stage <name>', 'the system to check, if one account has several', readStage, 'doorbell')
    .option(
      '--endpoint-url <url>',
      'check LocalStack or another stand-in instead of the system of npm start',
      readEndpoint,
    )
    .option('--region <name>', 'check AWS in this region instead of the system of npm start')
    .option('--strict', 'count checks that could not be made as findings')
    .option('--json', 'print NDJSON: one line for each finding, and one for the sum')
    .action(doctor);
}

async function doctor(options: Options, command: Command): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const at = doctorTarget(home, options, process.env);
  // Loaded here and not above: other commands need none of these clients.
  const [{ readDeployed }, { diagnose }, { expectedOf }] = await Promise.all([
    import('../doctor/read-deployed.ts'),
    import('../doctor/diagnose.ts'),
    import('../doctor/expected.ts'),
  ]);
  const expected: Expected = expectedOf(options.stage, at);
  const deployed = await readDeployed(expected, at);
  const diagnosis = diagnose(deployed, expected);
  terminal.line(options.json ? diagnosisJson(diagnosis) : diagnosisText(diagnosis, deployed, expected));
  if (hasFindings(diagnosis, options)) process.exitCode = exit.isFalse;
}

function hasFindings({ findings }: Diagnosis, { strict = false }: Options): boolean {
  return findings.some(({ severity }) => strict || severity !== 'not-checked');
}

/**
 * Chooses the system to check: AWS or a stand-in if one is named, or if the topic or the source of another system is
 * set; else that of `npm start`. Throws NotRunning.
 */
export function doctorTarget(home: string, options: Options, environment: NodeJS.ProcessEnv): DoctorTarget {
  const running = isAwsMeant(options, environment) ? null : readRun(home);
  if (running === null || isOtherStated(running.run, environment)) return targetOutside(home, options, environment);
  const { run, secrets } = running;
  return {
    client: run.broker as DoctorTarget['client'],
    endpoint: run.broker.endpoint ?? null,
    isRunHere: true,
    topicArn: run.topicArn,
    source: { url: run.publisherUrl, tokens: tokensOf(secrets.sourceTokens) },
    databaseUrl: run.databaseUrl,
    clock: systemClock.now,
  };
}

/** Tells whether a variable names the topic, the source or the database of a system that does not run here. */
function isOtherStated(run: RunInfo, environment: NodeJS.ProcessEnv): boolean {
  const named = {
    DOORBELL_TOPIC_ARN: run.topicArn,
    DOORBELL_SOURCE_URL: run.publisherUrl,
    DATABASE_URL: run.databaseUrl,
  };
  return Object.entries(named).some(([name, ours]) => (stated(environment, name) ?? ours) !== ours);
}

function targetOutside(home: string, options: Options, environment: NodeJS.ProcessEnv): DoctorTarget {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = environment;
  if (!isAwsMeant(options, environment) && !(AWS_REGION || AWS_DEFAULT_REGION || AWS_PROFILE))
    throw new NotRunning(
      `${readRun(home) === null ? `Nothing runs in ${home}` : `The variables that are set are not of what runs in ${home}`}, ` +
        'and no broker is named. Start it (npm start), or name one by --endpoint-url, --region or AWS_PROFILE.',
    );
  const { DATABASE_URL, DOORBELL_TOPIC_ARN, DOORBELL_SOURCE_URL, DOORBELL_SOURCE_TOKEN, DOORBELL_CONSUMER } =
    environment;
  if (DOORBELL_TOPIC_ARN && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:.+$/.test(DOORBELL_TOPIC_ARN))
    throw new Error('DOORBELL_TOPIC_ARN: malformed; give the ARN of the SNS topic, or leave it out');
  const token = DOORBELL_CONSUMER && DOORBELL_SOURCE_TOKEN ? { [DOORBELL_CONSUMER]: DOORBELL_SOURCE_TOKEN } : {};
  return {
    ...awsTarget(options, environment),
    isRunHere: false,
    topicArn: DOORBELL_TOPIC_ARN || undefined,
    source: DOORBELL_SOURCE_URL ? { url: DOORBELL_SOURCE_URL.replace(/\/$/, ''), tokens: tokensOf(token) } : null,
    databaseUrl: DATABASE_URL || null,
    clock: systemClock.now,
  };
}

/** Pairs the token of each consumer with the path that it opens. */
function tokensOf(tokens: Record<string, string>) {
  return Object.fromEntries(
    agreements.flatMap(({ name, path }) => {
      const token = tokens[name];
      return token === undefined ? [] : [[name, { path, token }] as const];
    }),
  );
}
