type Values = Record<string, { S?: string; N?: string }>;
type Gets = Record<string, { Keys: { id: { S: string } }[] }>;
type Input = {
  SecretId: string;
  Item: Values;
  Entries: Entry[];
  RequestItems: Gets;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Values;
};
type Entry = { Id: string; MessageBody: string; MessageAttributes: Record<string, { StringValue: string }> };

/** What an answer is made of. */
export type AwsAnswer = { status: number; type: string; body: string };

/**
 * The few calls of AWS that functions make, in memory: Secrets Manager, SQS, DynamoDB (whose one condition is that of the
 * version) and SNS. What goes wrong is staged by `fail`.
 */
export function smallAws() {
  const secrets = new Map<string, string>();
  const items = new Map<string, Values>();
  const calls: string[] = [];
  const buried: Entry[] = [];
  const rung: { id: string; type: string }[] = [];
  const failing = new Map<string, string>();

  const actions: Record<string, (input: Input) => unknown> = {
    GetSecretValue: ({ SecretId }) => {
      const SecretString = secrets.get(SecretId);
      if (SecretString === undefined) throw new Refused('ResourceNotFoundException');
      return { SecretString };
    },
    ChangeMessageVisibilityBatch: ({ Entries }) => ({ Successful: Entries.map(({ Id }) => ({ Id })) }),
    SendMessageBatch: ({ Entries }) => {
      buried.push(...Entries);
      return { Successful: Entries.map(({ Id }) => ({ Id })) };
    },
    BatchGetItem: ({ RequestItems }) => {
      const found = Object.entries(RequestItems).map(([table, { Keys }]) => [
        table,
        Keys.flatMap(({ id }) => items.get(id.S) ?? []),
      ]);
      return { Responses: Object.fromEntries(found) };
    },
    PutItem: ({ Item }) => {
      const id = Item['id']?.S ?? '';
      const stored = items.get(id);
      if (stored !== undefined && Number(stored['version']?.N) >= Number(Item['version']?.N))
        throw new Refused('ConditionalCheckFailedException');
      items.set(id, Item);
      return {};
    },
    Query: ({ ExpressionAttributeNames, ExpressionAttributeValues }) => {
      const { '#key': name = '' } = ExpressionAttributeNames;
      const { ':key': key, ':from': from } = ExpressionAttributeValues;
      const fits = (item: Values) => item[name]?.S === key?.S && (item['id']?.S ?? '') >= (from?.S ?? '');
      const Items = [...items.values()].filter(fits).map(({ id }) => ({ id }));
      return { Items: Items.toSorted((a, b) => ((a.id?.S ?? '') < (b.id?.S ?? '') ? -1 : 1)) };
    },
  };

  /** PublishBatch of SNS speaks the older protocol: a form in, XML out. */
  function publish(body: string): AwsAnswer {
    const form = new URLSearchParams(body);
    calls.push(form.get('Action') ?? '');
    const entries: string[] = [];
    for (let n = 1; form.has(`PublishBatchRequestEntries.member.${n}.Id`); n++) {
      rung.push(JSON.parse(form.get(`PublishBatchRequestEntries.member.${n}.Message`) ?? ''));
      entries.push(`<member><Id>${form.get(`PublishBatchRequestEntries.member.${n}.Id`)}</Id></member>`);
    }
    const result = `<PublishBatchResult><Successful>${entries.join('')}</Successful><Failed/></PublishBatchResult>`;
    return { status: 200, type: 'text/xml', body: `<PublishBatchResponse>${result}</PublishBatchResponse>` };
  }

  function answer(target: string | undefined, body: string): AwsAnswer {
    if (target === undefined) return publish(body);
    const action = target.split('.').at(-1) ?? '';
    calls.push(action);
    try {
      const code = failing.get(action);
      if (code !== undefined) throw new Refused(code);
      return { status: 200, type: JSON_TYPE, body: JSON.stringify(actions[action]?.(JSON.parse(body)) ?? {}) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return {
        status: 400,
        type: JSON_TYPE,
        body: JSON.stringify({ __type: `aws#${error.message}`, message: 'staged' }),
      };
    }
  }

  return {
    secrets,
    /** DynamoDB's, of whatever table. */
    items,
    /** Actions, in order. */
    calls,
    buried,
    rung,
    /** Every call of this action is refused with a code, or no more. */
    fail: (action: string, code: string | null) =>
      void (code === null ? failing.delete(action) : failing.set(action, code)),
    answer,
  };
}

const JSON_TYPE = 'application/x-amz-json-1.0';

class Refused extends Error {}
