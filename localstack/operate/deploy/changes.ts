import { paint } from '../../terminal.ts';

/** One thing that a change set changes. */
export type Change = {
  action: 'add' | 'modify' | 'replace' | 'maybe-replace' | 'remove';
  id: string;
  type: string;
  /** Which properties change; none where it is added or removed. */
  properties: string[];
  /** Whether CloudFormation leaves what is removed or replaced where it is. */
  isKept: boolean;
};

/** As DescribeChangeSet says it; the SDK's own type says more. */
export type ResourceChange = {
  Action?: string | undefined;
  PolicyAction?: string | undefined;
  Replacement?: string | undefined;
  LogicalResourceId?: string | undefined;
  ResourceType?: string | undefined;
  Details?: { Target?: { Attribute?: string | undefined; Name?: string | undefined } | undefined }[] | undefined;
};

/** What holds something: messages, views, logs, or the key to them. */
const STATEFUL = /^AWS::(DynamoDB::Table|SQS::Queue|SNS::Topic|KMS::Key|Logs::LogGroup)$/;

const ORDER = ['remove', 'replace', 'maybe-replace', 'modify', 'add'] as const;
const SIGNS = { remove: '-', replace: '!', 'maybe-replace': '?', modify: '~', add: '+' } as const;
const WORDS = { remove: 'remove', replace: 'replace', 'maybe-replace': 'replace?', modify: 'modify', add: 'add' };

/** Reads a change, the gravest first. Pure. */
export function changesOf(changes: readonly ResourceChange[]): Change[] {
  return changes.map(changeOf).toSorted((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
}

function changeOf(change: ResourceChange): Change {
  const { LogicalResourceId = '', ResourceType = '', Details = [], PolicyAction = '' } = change;
  const names = Details.flatMap(({ Target }) => Target?.Name ?? Target?.Attribute ?? []);
  return {
    action: actionOf(change),
    id: LogicalResourceId,
    type: ResourceType,
    properties: [...new Set(names)].toSorted(),
    isKept: /Retain/.test(PolicyAction),
  };
}

function actionOf({ Action, Replacement }: ResourceChange): Change['action'] {
  if (Action === 'Add' || Action === 'Import') return 'add';
  if (Action === 'Remove') return 'remove';
  if (Replacement === 'True') return 'replace';
  return Replacement === 'Conditional' ? 'maybe-replace' : 'modify';
}

/** Whether something that holds something goes. */
export function isGrave({ action, type, isKept }: Change): boolean {
  return (action === 'remove' || action === 'replace') && !isKept && STATEFUL.test(type);
}

/** A change set for people: what goes stands first, and out. Pure. */
export function changesText(changes: readonly Change[]): string {
  const widths = [8, Math.max(0, ...changes.map(({ id }) => id.length))] as const;
  const lines = changes.map((change) => {
    const { action, id, type, properties } = change;
    const what = properties.length === 0 ? '' : `  ${properties.join(', ')}`;
    const line = `${SIGNS[action]} ${WORDS[action].padEnd(widths[0])} ${id.padEnd(widths[1])}  ${type}${what}`;
    return isGrave(change) ? paint('red', `${line}  ← ${consequence(change)}`) : line;
  });
  return [...lines, sumText(changes)].join('\n');
}

function consequence({ type }: Change): string {
  if (type === 'AWS::DynamoDB::Table') return 'its views are lost; they can be looked up anew';
  if (type === 'AWS::SQS::Queue') return 'the messages in it are lost';
  if (type === 'AWS::SNS::Topic') return 'whatever else is subscribed hears nothing any more';
  return type === 'AWS::KMS::Key'
    ? 'what it encrypted can be read for as long as its deletion waits'
    : 'the logs are lost';
}

function sumText(changes: readonly Change[]): string {
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length;
  const parts = ORDER.map((action) => ({ action, number: count(action) })).filter(({ number }) => number > 0);
  return parts.map(({ action, number }) => `${number} to ${WORDS[action]}`).join(', ');
}
