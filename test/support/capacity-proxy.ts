import type { ServerResponse } from 'node:http';
import { httpServer, type Seen } from './http-server.ts';

/** Capacity units as DynamoDB counts them. */
type Capacity = { CapacityUnits?: number; ReadCapacityUnits?: number; WriteCapacityUnits?: number };
type Consumed = { Table?: Capacity; GlobalSecondaryIndexes?: Record<string, Capacity>; CapacityUnits?: number };

/** What calls of one action came to: how many there were, and units of the table and of each index. */
export type Spent = { calls: number; table: number; indexes: Record<string, number> };

/** A proxy in front of DynamoDB that has every call say what it consumed, and adds it up by action. */
export async function capacityProxy(to: string) {
  let spent: Record<string, Spent> = {};
  const { url } = await httpServer((request, response) => void forward(request, response));

  async function forward({ headers, body }: Seen, response: ServerResponse): Promise<void> {
    const { host: _, 'content-length': __, connection: ___, ...rest } = headers;
    const action = String(headers['x-amz-target']).split('.')[1] ?? '';
    const asked = JSON.stringify({ ...JSON.parse(body), ReturnConsumedCapacity: 'INDEXES' });
    const answer = await fetch(to, { method: 'POST', headers: rest as Record<string, string>, body: asked });
    const text = await answer.text();
    count(action, [(JSON.parse(text) as { ConsumedCapacity?: Consumed | Consumed[] }).ConsumedCapacity ?? []].flat());
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  }

  function count(action: string, consumed: readonly Consumed[]): void {
    spent[action] ??= { calls: 0, table: 0, indexes: {} };
    const sum = spent[action];
    sum.calls++;
    for (const { Table, GlobalSecondaryIndexes = {} } of consumed) {
      sum.table += Table?.CapacityUnits ?? 0;
      for (const [index, { CapacityUnits = 0 }] of Object.entries(GlobalSecondaryIndexes))
        sum.indexes[index] = (sum.indexes[index] ?? 0) + CapacityUnits;
    }
  }

  /** What was spent since the last time. */
  const take = () => {
    const taken = spent;
    spent = {};
    return taken;
  };
  return { url, take };
}
