import * as fc from 'fast-check';
import type { Message } from '../../consumers/runtime/queue/queue.ts';
import type { Ring } from '../../consumers/runtime/queue/ring.ts';
import type { Action, Moment, RefreshEvent } from '../../consumers/runtime/refresh/actions.ts';
import type { RefreshRequest, RefreshResult } from '../../consumers/runtime/refresh/look.ts';
import { emptyState, type Pending } from '../../consumers/runtime/refresh/pending.ts';
import { reduce } from '../../consumers/runtime/refresh/reduce.ts';

/** Limits of a moment in which little fits. */
export const moment: Moment = { now: 0, looks: 2, resources: 2, linger: 5, window: 0, staleTries: 2 };

/** A ring in a message of its own; without a version where none is given. */
export function ringOf(id: string, version?: number, receiptHandle = `${id}-${version}`): Ring {
  const message: Message = {
    messageId: receiptHandle,
    receiptHandle,
    body: '',
    attributes: {},
    receiveCount: 1,
    sentAt: 0,
  };
  return { id, type: 'shop.opened', message, ...(version !== undefined && { version }) };
}

/** An answer that shows this version, where the view had another before. */
export function covered(version: number, held = 0): RefreshResult & { kind: 'covered' } {
  return { kind: 'covered', version, held, written: version > held, looked: true, gone: false };
}

/** An answer that can't be used. */
export const poison: RefreshResult & { kind: 'poison' } = { kind: 'poison', reason: 'source-refused', detail: 'no' };

/** One thing that may happen next, by chance. */
export type Step =
  | { do: 'ring'; id: string; version: number | undefined }
  | { do: 'lose' | 'answer' | 'refuse' | 'fail' | 'cut' | 'rest'; n: number; version: number }
  | { do: 'gathered' | 'lingered' | 'outage' | 'stop' };

const id = fc.constantFrom('a', 'b', 'c');
const version = fc.integer({ min: 1, max: 4 });

/** Any step. Stopping is rare, for little happens after it. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ do: fc.constant('ring' as const), id, version: fc.option(version, { nil: undefined }) }),
  },
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'lose' as const,
        'answer' as const,
        'answer' as const,
        'refuse' as const,
        'fail' as const,
        'cut' as const,
        'rest' as const,
      ),
      n: fc.nat(5),
      version: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constantFrom('gathered' as const, 'lingered' as const, 'outage' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
);

type UnderWay = { look: number; requests: readonly RefreshRequest[]; begun: ReadonlySet<Ring> };
/** How a message left: an acknowledgement with what covered it. */
export type Left = { message: Message; action: Action; begun: ReadonlySet<Ring> | null };

/** Drives the reducer as the shell does, and remembers everything that it asked for. */
export function refreshWorld(limits: Partial<Moment> = {}) {
  const state = emptyState();
  const looks: UnderWay[] = [];
  const resting: Pending[] = [];
  const inHand: Ring[] = [];
  const left: Left[] = [];
  const edges = new Set<string>();
  let rung = 0;
  let isGathering = false;
  let answered: ReadonlySet<Ring> | null = null;

  function send(event: RefreshEvent): Action[] {
    const before = new Map([...state.pending.values()].map((entry) => [entry, entry.phase]));
    const actions = reduce(state, event, { ...moment, ...limits });
    for (const action of actions) note(action);
    noteEdges(before, event, actions);
    return actions;
  }

  function note(action: Action): void {
    if (action.kind === 'look') {
      const begun = new Set(action.requests.flatMap(({ rings }) => rings));
      looks.push({ look: action.look, requests: action.requests, begun });
    }
    if (action.kind === 'rest') resting.push(action.entry);
    if (action.kind === 'gather') isGathering = true;
    for (const message of messagesOf(action)) left.push({ message, action, begun: answered });
  }

  const phaseOf = (entry: Pending) => (state.pending.get(entry.id) === entry ? entry.phase : '[*]');

  /** What an event did to an entry, as the drawing shows it. A look that starts at once is an arrow of its own. */
  function noteEdges(before: Map<Pending, string>, { kind }: RefreshEvent, actions: readonly Action[]): void {
    const started = new Set(actions.flatMap(idsOf));
    for (const entry of new Set([...before.keys(), ...state.pending.values()])) {
      const hasStarted = started.has(entry.id) && state.pending.get(entry.id) === entry;
      const from = before.get(entry) ?? '[*]';
      const to = hasStarted ? 'ready' : phaseOf(entry);
      if (from !== to) edges.add(`${from} --> ${to}: ${kind}`);
      if (hasStarted) edges.add('ready --> looking: a place is free');
    }
  }

  function end(n: number, make: (under: UnderWay) => RefreshEvent): void {
    if (looks.length === 0) return;
    const [under] = looks.splice(n % looks.length, 1) as [UnderWay];
    answered = under.begun;
    send(make(under));
    answered = null;
  }

  const failed =
    (isCut: boolean) =>
    (under: UnderWay): RefreshEvent => ({
      kind: 'look-failed',
      look: under.look,
      reason: 'away',
      least: 0,
      isCut,
    });

  function take(step: Step): void {
    switch (step.do) {
      case 'ring': {
        const ring = ringOf(step.id, step.version, `m${rung++}`);
        inHand.push(ring);
        send({ kind: 'rung', rings: [ring] });
        break;
      }
      case 'lose': {
        const held = inHand.filter(({ message }) => !left.some((each) => each.message === message));
        const ring = held[step.n % Math.max(1, held.length)];
        if (ring !== undefined) send({ kind: 'lost', message: ring.message });
        break;
      }
      case 'answer':
        end(step.n, ({ look, requests }) => ({
          kind: 'looked',
          look,
          results: requests.map(() => covered(step.version)),
        }));
        break;
      case 'refuse':
        end(step.n, ({ look, requests }) => ({ kind: 'looked', look, results: requests.map(() => poison) }));
        break;
      case 'fail':
        end(step.n, failed(false));
        break;
      case 'cut':
        end(step.n, failed(true));
        break;
      case 'rest': {
        const [entry] = resting.splice(step.n % Math.max(1, resting.length), 1);
        if (entry !== undefined) send({ kind: 'rested', entry });
        break;
      }
      case 'gathered':
        if (isGathering) send({ kind: 'gathered' });
        isGathering = false;
        break;
      case 'lingered':
        send({ kind: 'lingered' });
        break;
      case 'outage':
        send({ kind: 'outage', reason: 'away', delay: 'outage' });
        break;
      case 'stop':
        send({ kind: 'stopping' });
        break;
    }
  }

  /** Stops, and lets every look and every pause end. */
  function finish(): void {
    take({ do: 'stop' });
    while (looks.length > 0) take({ do: 'answer', n: 0, version: 1 });
    while (resting.length > 0) take({ do: 'rest', n: 0, version: 0 });
  }

  return { state, send, take, finish, looks, inHand, left, edges };
}

/** The messages that an action sends away. */
function messagesOf(action: Action): Message[] {
  if (action.kind === 'ack') return [action.ring.message];
  if (action.kind === 'dead-letter') return action.rings.map(({ message }) => message);
  return action.kind === 'give-back' || action.kind === 'let-go' ? [action.message] : [];
}

const idsOf = (action: Action): string[] => (action.kind === 'look' ? action.requests.map(({ id }) => id) : []);
