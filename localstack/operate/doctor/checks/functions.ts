import { readValue } from '../../../infrastructure/aws/ask.ts';
import { BATCH_SIZE, BATCH_WINDOW } from '../../../infrastructure/template/sizes.ts';
import {
  aws,
  type CheckResult,
  type ConsumerCheckInput,
  error,
  grant,
  notChecked,
  type Problem,
  warning,
} from '../finding.ts';
import type { WakerState } from '../state.ts';

/** The functions that a queue wakes report which messages failed, and are awake; the consumer's own is, if there is one. */
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

/** Where a function of this name is, it should be woken; where there is none, a worker reads the queue. */
function unwoken(input: ConsumerCheckInput, actions: string): CheckResult {
  const { handler, queue } = input.state;
  const { name } = input.place.queue;
  if ('notChecked' in handler) return [notChecked(name, `functions: ${handler.notChecked}`, grant(actions))];
  if (handler.value === null) return null;
  const batch = `--batch-size ${BATCH_SIZE} --maximum-batching-window-in-seconds ${BATCH_WINDOW}`;
  const command = `lambda create-event-source-mapping --function-name ${name} --event-source-arn ${readValue(queue)?.arn} ${batch} --function-response-types ReportBatchItemFailures`;
  return [error(name, 'nothing wakes it: no event source mapping reads its queue', aws(input, command))];
}

/** Each ring goes to one of the functions that a queue wakes, whichever is there first. */
function sharing(input: ConsumerCheckInput, wakers: WakerState[]): Problem[] {
  const { name } = input.place.queue;
  const awake = wakers.filter(({ enabled }) => enabled);
  if (awake.length < 2) return [];
  const right = awake.find(({ functionName }) => functionName === name) ?? awake[0];
  const what = `it wakes ${awake.map(({ functionName }) => functionName).join(' and ')}: each ring goes to only one of them`;
  const others = awake.filter((waker) => waker !== right);
  return [warning(name, what, others.map((waker) => update(input, waker, '--no-enabled')).join(' && '))];
}

const update = (input: ConsumerCheckInput, { id }: WakerState, more: string) =>
  aws(input, `lambda update-event-source-mapping --uuid ${id} ${more}`);

function problemsOf(input: ConsumerCheckInput, waker: WakerState): Problem[] {
  const { functionName } = waker;
  const problems: Problem[] = [];
  if (!waker.enabled)
    problems.push(
      error(functionName, 'nothing wakes it: its event source mapping is off', update(input, waker, '--enabled')),
    );
  if (waker.isFiltered)
    problems.push(
      error(
        functionName,
        'its event source mapping has a filter: SQS deletes what that keeps away',
        update(input, waker, `--filter-criteria '{}'`),
      ),
    );
  if (!waker.reportsFailures)
    problems.push(
      error(
        functionName,
        'one message that fails makes its whole batch come again (no ReportBatchItemFailures)',
        update(input, waker, '--function-response-types ReportBatchItemFailures'),
      ),
    );
  return problems;
}

/** 2: Lambda takes no lower maximum concurrency of an event source. */
const LEAST = 2;

/** SQS wakes no more of a function at a time than may run: what is throttled uses up its receives. */
export function concurrency(input: ConsumerCheckInput): CheckResult {
  const wakers = readValue(input.state.wakers) ?? [];
  if (wakers.length === 0) return null;
  return wakers.flatMap((waker) => concurrencyOf(input, waker));
}

function concurrencyOf(input: ConsumerCheckInput, waker: WakerState): Problem[] {
  const { functionName, maximumConcurrency: maximum } = waker;
  if ('notChecked' in waker.reservedConcurrency)
    return [notChecked(functionName, waker.reservedConcurrency.notChecked, grant('lambda:GetFunctionConcurrency'))];
  const reserved = waker.reservedConcurrency.value;
  if (reserved === null || (maximum !== null && maximum <= reserved)) return [];
  if (reserved < LEAST) return [tooFew(input, functionName, reserved)];
  const mapping = maximum === null ? 'without a maximum' : `up to ${maximum} at a time`;
  const what = `SQS wakes it ${mapping}, and only ${reserved} may run: what is throttled uses up its receives`;
  const scaling = `--scaling-config MaximumConcurrency=${reserved}`;
  return [warning(functionName, what, update(input, waker, scaling))];
}

/** No maximum of an event source is as low as that. */
function tooFew(input: ConsumerCheckInput, functionName: string, reserved: number): Problem {
  const command = `lambda put-function-concurrency --function-name ${functionName} --reserved-concurrent-executions ${LEAST}`;
  if (reserved === 0)
    return error(functionName, 'none of it may run: its reserved concurrency is 0', aws(input, command));
  const what = `SQS wakes at least ${LEAST} at a time, and only ${reserved} may run: what is throttled uses up its receives`;
  return warning(functionName, what, aws(input, command));
}
