import { paint } from '../../terminal.ts';

/** One change of a change set. */
export type StackChange = {
  action: 'add' | 'modify' | 'replace' | 'maybe-replace' | 'remove';
  id: string;
  type: string;
  /** Properties that change; none if the resource is added or removed. */
  properties: string[];
  /** True if CloudFormation keeps the old resource after removing or replacing it. */
  isKept: boolean;
};

/** A change as DescribeChangeSet returns it: the fields of the SDK's type that are read here. */
export type ResourceChange = {
  Action?: string | undefined;
  PolicyAction?: string | undefined;
  Replacement?: string | undefined;
  LogicalResourceId?: string | undefined;
  ResourceType?: string | undefined;
  Details?: { Target?: { Attribute?: string | undefined; Name?: string | undefined } | undefined }[] | undefined;
};

/** Types of resources that hold messages, views or logs, or the key that decrypts them. */
const STATEFUL = /^AWS::(DynamoDB::Table|SQS::Queue|SNS::Topic|KMS::Key|Logs::LogGroup)$/;

const ORDER = ['remove', 'replace', 'maybe-replace', 'modify', 'add'] as const;
const SIGNS = { remove: '-', replace: '!', 'maybe-replace': '?', modify: '~', add: '+' } as const;
const WORDS = { remove: 'remove', replace: 'replace', 'maybe-replace': 'replace?', modify: 'modify', add: 'add' };

/** Reads the changes, the most serious first. Pure. */
export function changesOf(changes: readonly ResourceChange[]): StackChange[] {
  return changes.map(changeOf).toSorted((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
}

function changeOf(change: ResourceChange): StackChange {
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

function actionOf({ Action, Replacement }: ResourceChange): StackChange['action'] {
  if (Action === 'Add' || Action === 'Import') return 'add';
  if (Action === 'Remove') return 'remove';
  if (Replacement === 'True') return 'replace';
  return Replacement === 'Conditional' ? 'maybe-replace' : 'modify';
}

/** Tells whether a change deletes a resource that holds data. */
export function isGrave({ action, type, isKept }: StackChange): boolean {
  return (action === 'remove' || action === 'replace') && !isKept && STATEFUL.test(type);
}

/** Writes a change set for people: deletions first, and those that lose data in red. Pure. */
export function changesText(changes: readonly StackChange[]): string {
  const widths = [8, Math.max(0, ...changes.map(({ id }) => id.length))] as const;
  const lines = changes.map((change) => {
    const { action, id, type, properties } = change;
    const what = properties.length === 0 ? '' : `  ${properties.join(', ')}`;
    const line = `${SIGNS[action]} ${WORDS[action].padEnd(widths[0])} ${id.padEnd(widths[1])}  ${type}${what}`;
    return isGrave(change) ? paint('red', `${line}  ← ${consequence(change)}`) : line;
  });
  return [...lines, sumText(changes)].join('\n');
}

function consequence({ type }: StackChange): string {
  if (type === 'AWS::DynamoDB::Table') return 'its views are lost; consumers can read them again from the source';
  if (type === 'AWS::SQS::Queue') return 'the messages in it are lost';
  if (type === 'AWS::SNS::Topic') return 'other subscribers receive nothing any more';
  return type === 'AWS::KMS::Key' ? 'encrypted data can be read only until the key is deleted' : 'the logs are lost';
}

function sumText(changes: readonly StackChange[]): string {
  const count = (action: StackChange['action']) => changes.filter((change) => change.action === action).length;
  const parts = ORDER.map((action) => ({ action, number: count(action) })).filter(({ number }) => number > 0);
  return parts.map(({ action, number }) => `${number} to ${WORDS[action]}`).join(', ');
}
