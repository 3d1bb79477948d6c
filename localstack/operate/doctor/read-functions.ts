import { andThen, ask, type Read, readValue } from '../../infrastructure/aws/ask.ts';
import {
  DescribeRuleCommand,
  type EventBridgeClient,
  type EventSourceMappingConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  ListRuleNamesByTargetCommand,
} from '../../infrastructure/aws/more.ts';
import type { RelayState, WakerState } from './state.ts';

/** Reads the functions that a queue invokes. */
export async function readWakers(lambda: LambdaClient, queueArn: string): Promise<Read<WakerState[]>> {
  const mappings = await ask(listAll(lambda, queueArn));
  if ('notChecked' in mappings) return mappings;
  return { value: await Promise.all((mappings.value ?? []).map((mapping) => toWaker(lambda, mapping))) };
}

async function listAll(lambda: LambdaClient, EventSourceArn: string): Promise<EventSourceMappingConfiguration[]> {
  const found: EventSourceMappingConfiguration[] = [];
  let Marker: string | undefined;
  do {
    const page = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn, Marker }));
    found.push(...(page.EventSourceMappings ?? []));
    Marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (Marker !== undefined);
  return found;
}

async function toWaker(lambda: LambdaClient, mapping: EventSourceMappingConfiguration): Promise<WakerState> {
  const { UUID = '', FunctionArn = '', State, FunctionResponseTypes = [], ScalingConfig, FilterCriteria } = mapping;
  const FunctionName = FunctionArn;
  const [configuration, reservedConcurrency] = await Promise.all([
    ask(lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))),
    readReserved(lambda, FunctionName),
  ]);
  return {
    id: UUID,
    functionName: FunctionArn.split(':')[6] ?? FunctionArn,
    // Enabling and Updating end as Enabled.
    enabled: !/^Disabl/i.test(State ?? ''),
    reportsFailures: FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: ScalingConfig?.MaximumConcurrency ?? null,
    isFiltered: (FilterCriteria?.Filters ?? []).length > 0,
    // 3 s: the default of Lambda.
    timeoutSeconds: 'value' in configuration ? { value: readValue(configuration)?.Timeout ?? 3 } : configuration,
    reservedConcurrency,
  };
}

async function readReserved(lambda: LambdaClient, FunctionName: string): Promise<Read<number | null>> {
  const read = await ask(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })));
  return andThen(read, ({ ReservedConcurrentExecutions = null }) => ({ value: ReservedConcurrentExecutions }));
}

/** Reads the ARN of a function by its name; null if there is none. */
export async function readFunction(lambda: LambdaClient, FunctionName: string): Promise<Read<string | null>> {
  const absent = ['ResourceNotFoundException'];
  const read = await ask(lambda.send(new GetFunctionConfigurationCommand({ FunctionName })), { absent });
  return andThen(read, ({ FunctionArn = '' }) => ({ value: FunctionArn }));
}

/** Reads the function of the relay; null if there is none. */
export async function readRelay(
  lambda: LambdaClient,
  events: EventBridgeClient,
  name: string,
): Promise<Read<RelayState | null>> {
  return andThen(await readFunction(lambda, name), async (arn) => {
    const [schedules, reservedConcurrency] = await Promise.all([
      readSchedules(events, arn),
      readReserved(lambda, name),
    ]);
    return { value: { name, arn, schedules, reservedConcurrency } };
  });
}

/** Reads the scheduled rules that start a function. */
async function readSchedules(events: EventBridgeClient, TargetArn: string): Promise<RelayState['schedules']> {
  const describe = async () => {
    const { RuleNames = [] } = await events.send(new ListRuleNamesByTargetCommand({ TargetArn }));
    return Promise.all(RuleNames.map((Name) => events.send(new DescribeRuleCommand({ Name }))));
  };
  const rules = await ask(describe());
  if ('notChecked' in rules) return rules;
  const scheduled = (rules.value ?? []).filter(({ ScheduleExpression = '' }) => ScheduleExpression !== '');
  return { value: scheduled.map(({ Name: name = '', State }) => ({ name, enabled: State !== 'DISABLED' })) };
}
