import { ask, type Read, readValue } from '../aws/ask.ts';
import {
  type EventSourceMappingConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
} from '../aws/more.ts';
import type { WakerState } from './state.ts';

/** The functions that a queue wakes. */
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
  const [configuration, concurrency] = await Promise.all([
    ask(lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))),
    ask(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))),
  ]);
  return {
    id: UUID,
    functionName: FunctionArn.split(':')[6] ?? FunctionArn,
    // Enabling and Updating are on their way there.
    enabled: !/^Disabl/i.test(State ?? ''),
    reportsFailures: FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: ScalingConfig?.MaximumConcurrency ?? null,
    isFiltered: (FilterCriteria?.Filters ?? []).length > 0,
    // 3 s: Lambda's own where nothing is said.
    timeoutSeconds: 'value' in configuration ? { value: readValue(configuration)?.Timeout ?? 3 } : configuration,
    reservedConcurrency:
      'value' in concurrency ? { value: readValue(concurrency)?.ReservedConcurrentExecutions ?? null } : concurrency,
  };
}
