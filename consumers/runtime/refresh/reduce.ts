import type { Message } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';
import type { Action, Delay, Moment, RefreshEvent } from './actions.ts';
import type { RefreshResult } from './look.ts';
import {
  addRing,
  forget,
  type LookUnderWay,
  makeReady,
  type Pending,
  removeMessage,
  type State,
  takeFromLine,
} from './pending.ts';
import { resolve } from './resolve.ts';

/** 200 resources that are asked for again soon. More are not a replica that lags but noise, and go back to the queue. */
const MOST_PAUSES = 200;

/**
 * Decides what happens to the rings in hand: the state is changed in place, and what is to be done is answered. It does
 * nothing else, asks no clock and no chance, and so the same events always end in the same actions.
 */
export function reduce(state: State, event: RefreshEvent, moment: Moment): Action[] {
  const actions = react(state, event, moment);
  startLooks(state, moment, actions);
  return actions;
}

function react(state: State, event: RefreshEvent, moment: Moment): Action[] {
  switch (event.kind) {
    case 'rung':
      return rung(state, event.rings, moment);
    case 'lost':
      return lost(state, event.message);
    case 'looked':
      return looked(state, event.look, event.results, moment);
    case 'look-failed':
      return lookFailed(state, event);
    case 'rested':
      return rested(state, event.entry);
    case 'gathered':
      return gathered(state);
    case 'lingered':
      state.isLingering = false;
      return [];
    case 'outage':
      return giveBackIdle(state, event.reason, event.delay);
    case 'stopping':
      state.isClosing = true;
      return giveBackIdle(state, 'stopping', 'none');
  }
}

/** Starts looks while there is room. Under load looks fill by themselves; on a quiet queue no ring waits. */
function startLooks(state: State, moment: Moment, actions: Action[]): void {
  while (state.line.size > 0 && state.looks.size < moment.looks && mayStart(state, moment))
    actions.push(startLook(state, moment));
  if (state.line.size === 0 || state.looks.size === 0 || state.isLingering) return;
  state.isLingering = true;
  actions.push({ kind: 'linger', ms: moment.linger });
}

function mayStart({ looks, line }: State, { now, resources, linger }: Moment): boolean {
  if (looks.size === 0 || line.size >= resources) return true;
  const newest = Math.max(...looks.values().map(({ start }) => start));
  return now - newest >= linger;
}

function startLook(state: State, { now, resources }: Moment): Action {
  const look = state.looksSoFar++;
  const group = takeFromLine(state, resources);
  state.looks.set(look, { group, start: now });
  return { kind: 'look', look, requests: group.map(({ id, looking }) => ({ id, rings: looking })) };
}

function rung(state: State, rings: readonly Ring[], { window }: Moment): Action[] {
  const actions: Action[] = [];
  for (const ring of rings) {
    const fresh = addRing(state, ring);
    if (fresh === null) continue;
    if (window === 0) makeReady(state, fresh);
    else if (!state.isGathering) {
      state.isGathering = true;
      actions.push({ kind: 'gather' });
    }
  }
  if (state.isClosing) actions.push(...giveBackIdle(state, 'stopping', 'none'));
  return actions;
}

/** All that gathered since the first of them go together. */
function gathered(state: State): Action[] {
  state.isGathering = false;
  for (const entry of state.pending.values()) if (entry.phase === 'gathering') makeReady(state, entry);
  return [];
}

function rested(state: State, entry: Pending): Action[] {
  state.pauses--;
  // It may have been given back meanwhile, or a later entry of the same resource stands in its place.
  if (state.pending.get(entry.id) === entry) makeReady(state, entry);
  return [];
}

/** A look that was only for lost messages is cut off. */
function lost(state: State, message: Message): Action[] {
  const entry = removeMessage(state, message);
  if (entry !== null && entry.phase !== 'looking' && entry.waiting.length === 0) forget(state, entry);
  const pointless = [...state.looks].filter(([, { group }]) => group.every(({ looking }) => looking.length === 0));
  const cuts = pointless.map(([look]): Action => ({ kind: 'cut', look, reason: 'lease lost' }));
  return [{ kind: 'let-go', message }, ...cuts];
}

function looked(state: State, look: number, results: readonly RefreshResult[], moment: Moment): Action[] {
  const { group, start } = endLook(state, look);
  const actions: Action[] = [];
  for (const [n, entry] of group.entries())
    conclude(state, entry, results[n] as RefreshResult, { start, moment, actions });
  return actions;
}

type Concluding = { start: number; moment: Moment; actions: Action[] };

function conclude(state: State, entry: Pending, result: RefreshResult, { start, moment, actions }: Concluding): void {
  const { looking, waiting } = entry;
  entry.looking = [];
  if (result.kind === 'poison') {
    actions.push({ kind: 'dead-letter', rings: looking, result });
    goOn(state, entry, actions);
    return;
  }
  const sorted = resolve(result, looking, waiting);
  entry.waiting = sorted.waiting;
  for (const ring of sorted.done) actions.push({ kind: 'ack', ring, result, start });
  if (sorted.stale.length === 0) goOn(state, entry, actions);
  else rest(state, entry, { stale: sorted.stale, found: result.version, moment, actions });
}

type Resting = { stale: readonly Ring[]; found: number; moment: Moment; actions: Action[] };

/** Stale is not failed: ask again soon, a few times, and then by visibility. */
function rest(state: State, entry: Pending, { stale, found, moment, actions }: Resting): void {
  entry.waiting.unshift(...stale);
  const tries = ++entry.staleTries;
  for (const ring of stale) actions.push({ kind: 'stale', ring, found, tries });
  if (tries > moment.staleTries || state.isClosing || state.pauses >= MOST_PAUSES) {
    giveBack(state, entry, { reason: 'stale', least: 0, actions });
    return;
  }
  entry.phase = 'resting';
  state.pauses++;
  actions.push({ kind: 'rest', entry, tries });
}

/** Keeps an entry for rings that came in during its look, and forgets it otherwise. */
function goOn(state: State, entry: Pending, actions: Action[]): void {
  entry.staleTries = 0;
  if (entry.waiting.length === 0) forget(state, entry);
  else if (state.isClosing) giveBack(state, entry, { reason: 'stopping', least: 0, actions });
  else makeReady(state, entry);
}

/** An outage is not poison: the rings go back, and nothing counts against them. */
function lookFailed(state: State, { look, reason, least, isCut }: RefreshEvent & { kind: 'look-failed' }): Action[] {
  const actions: Action[] = [];
  for (const entry of endLook(state, look).group) {
    // A look that was cut off because its messages were lost: rings that came in since then get a look of their own.
    if (isCut && entry.looking.length === 0) goOn(state, entry, actions);
    else giveBack(state, entry, { reason, least, actions });
  }
  return actions;
}

function endLook(state: State, look: number): LookUnderWay {
  const underWay = state.looks.get(look);
  if (underWay === undefined) throw new RangeError(`look ${look} is not under way`);
  state.looks.delete(look);
  return underWay;
}

type GivingBack = { reason: string; least: number; actions: Action[] };

/** All rings of an entry go back, to be delivered again after a while that grows with each receive. */
function giveBack(state: State, entry: Pending, { reason, least, actions }: GivingBack): void {
  forget(state, entry);
  const delay: Delay = state.isClosing ? 'none' : { backoff: least };
  for (const { message } of [...entry.looking, ...entry.waiting])
    actions.push({ kind: 'give-back', message, reason, delay });
}

/** Gives back every ring whose resource has no look under way. */
function giveBackIdle(state: State, reason: string, delay: Delay): Action[] {
  const idle = state.pending.values().filter(({ phase }) => phase !== 'looking');
  return [...idle].flatMap((entry) => {
    forget(state, entry);
    return entry.waiting.map(({ message }): Action => ({ kind: 'give-back', message, reason, delay }));
  });
}
