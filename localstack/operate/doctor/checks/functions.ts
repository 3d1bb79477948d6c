import { readValue } from '../../../infrastructure/aws/ask.ts';
import { BATCH_SIZE, BATCH_WINDOW } from '../../../infrastructure/template/sizes.ts';
import {
  aws,
  type CheckResult,
  type ConsumerCheckInput,
  type Defect,
  error,
  grant,
  notChecked,
  warning,
} from '../finding.ts';
import type { WakerState } from '../state.ts';

/** Checks that the functions on a queue are on, have no filter and report failed messages. */
export function eventSources(input: ConsumerCheckInput): CheckResult {
  const { place, state } = input;
  if (readValue(state.queue) === null) return null;
  const actions = 'lambda:ListEventSourceMappings, lambda:GetFunctionConfiguration, lambda:GetFunctionConcurrency';
  if ('notChecked' in state.wakers)
    return [notChecked(place.queue.name, `functions: ${state.wakers.notChecked}`, grant(actions))];
  const wakers = state.wakers.value;
  if (wakers.length === 0) return unwoken(input, actions);
  return [...wakers.flatMap((waker) => problemsOf(input, waker)), ...sharing(input, wakers)];
}

/** Checks a queue without an event source mapping: a function of its name should have one, a worker needs none. */
function unwoken(input: ConsumerCheckInput, actions: string): CheckResult {
  const { handler, queue } = input.state;
  const { name } = input.place.queue;
  if ('notChecked' in handler) return [notChecked(name, `functions: ${handler.notChecked}`, grant(actions))];
  if (handler.value === null) return null;
  const batch = `--batch-size ${BATCH_SIZE} --maximum-batching-window-in-seconds ${BATCH_WINDOW}`;
  const command = `lambda create-event-source-mapping --function-name ${name} --event-source-arn ${readValue(queue)?.arn} ${batch} --function-response-types ReportBatchItemFailures`;
  return [error(name, 'it is never invoked: no event source mapping reads its queue', aws(input, command))];
}

/** Warns if several functions read one queue: each ring goes to only one of them. */
function sharing(input: ConsumerCheckInput, wakers: WakerState[]): Defect[] {
  const { name } = input.place.queue;
  const awake = wakers.filter(({ enabled }) => enabled);
  if (awake.length < 2) return [];
  const right = awake.find(({ functionName }) => functionName === name) ?? awake[0];
  const what = `${awake.map(({ functionName }) => functionName).join(' and ')} read it: each ring goes to only one of them`;
  const others = awake.filter((waker) => waker !== right);
  return [warning(name, what, others.map((waker) => update(input, waker, '--no-enabled')).join(' && '))];
}

const update = (input: ConsumerCheckInput, { id }: WakerState, more: string) =>
  aws(input, `lambda update-event-source-mapping --uuid ${id} ${more}`);

function problemsOf(input: ConsumerCheckInput, waker: WakerState): Defect[] {
  const { functionName } = waker;
  const problems: Defect[] = [];
  if (!waker.enabled)
    problems.push(
      error(functionName, 'it is never invoked: its event source mapping is off', update(input, waker, '--enabled')),
    );
  if (waker.isFiltered)
    problems.push(
      error(
        functionName,
        'its event source mapping has a filter: messages that it blocks are deleted',
        update(input, waker, `--filter-criteria '{}'`),
      ),
    );
  if (!waker.reportsFailures)
    problems.push(
      error(
        functionName,
        'one failed message returns its whole batch to the queue (ReportBatchItemFailures is off)',
        update(input, waker, '--function-response-types ReportBatchItemFailures'),
      ),
    );
  return problems;
}

/** 2: Lambda accepts no lower maximum concurrency of an event source. */
const LEAST = 2;

/** Checks that SQS invokes no more functions at once than may run: a throttled message uses up its receives. */
export function concurrency(input: ConsumerCheckInput): CheckResult {
  const wakers = readValue(input.state.wakers) ?? [];
  if (wakers.length === 0) return null;
  return wakers.flatMap((waker) => concurrencyOf(input, waker));
}

function concurrencyOf(input: ConsumerCheckInput, waker: WakerState): Defect[] {
  const { functionName, maximumConcurrency: maximum } = waker;
  if ('notChecked' in waker.reservedConcurrency)
    return [notChecked(functionName, waker.reservedConcurrency.notChecked, grant('lambda:GetFunctionConcurrency'))];
  const reserved = waker.reservedConcurrency.value;
  if (reserved === null || (maximum !== null && maximum <= reserved)) return [];
  if (reserved < LEAST) return [tooFew(input, functionName, reserved)];
  const mapping = maximum === null ? 'without a limit' : `up to ${maximum} times at once`;
  const what = `SQS invokes it ${mapping}, but only ${reserved} may run: throttled messages use up their receives`;
  const scaling = `--scaling-config MaximumConcurrency=${reserved}`;
  return [warning(functionName, what, update(input, waker, scaling))];
}

/** Reports a reserved concurrency below the lowest maximum of an event source. */
function tooFew(input: ConsumerCheckInput, functionName: string, reserved: number): Defect {
  const command = `lambda put-function-concurrency --function-name ${functionName} --reserved-concurrent-executions ${LEAST}`;
  if (reserved === 0)
    return error(functionName, 'it may not run at all: its reserved concurrency is 0', aws(input, command));
  const what = `SQS invokes it at least ${LEAST} times at once, but only ${reserved} may run: throttled messages use up their receives`;
  return warning(functionName, what, aws(input, command));
}
