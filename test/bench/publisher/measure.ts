import { setTimeout as wait } from 'node:timers/promises';
import { startChild } from '../children.ts';
import type { Result, Run, SubjectConfig, SubjectReport } from './protocol.ts';
import type { Stage } from './stage.ts';

/** 3 minutes: no run takes a third of it. */
const LIMIT = 180_000;

/** Runs one subject in a process of its own, on a database of its own; and counts what came out of the topic. */
export async function measure(stage: Stage, { subject, task, stored }: Run): Promise<Result> {
  const database = await stage.database(stored);
  const topic = task.kind === 'follow' || (task.kind === 'drain' && task.sink === 'sns') ? await stage.topic() : null;
  const place = topic && { topicArn: topic.topicArn, client: topic.client };
  const config: SubjectConfig = { subject, task, databaseUrl: database.url, topic: place };
  const child = startChild<never, SubjectReport>(new URL('./subject.ts', import.meta.url), [JSON.stringify(config)]);
  try {
    const { result, rung } = await inTime(child.next('result'), subject);
    const lost = topic === null ? 0 : Math.abs((await topic.messages()) - rung);
    return { ...result, wrong: result.wrong + lost };
  } finally {
    await child.stop();
    await topic?.drop();
    await database.drop();
  }
}

/** A subject that rings too little would be waited for for ever. */
async function inTime<Value>(work: Promise<Value>, subject: string): Promise<Value> {
  const over = new AbortController();
  const late = wait(LIMIT, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${subject} is not done after ${LIMIT / 1_000} s`);
  });
  late.catch(() => undefined);
  return Promise.race([work, late]).finally(() => over.abort());
}
