import type { Environment } from '../../contracts/environment/unknown.ts';
import { logLine } from '../log.ts';
import type { Part } from '../part.ts';
import type { Observe } from '../runtime/queue/events.ts';
import type { OpenHttp } from '../runtime/source/http-port.ts';
import { nodeHttp } from '../runtime/source/node-http.ts';
import { type Clock, systemClock } from '../runtime/system.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';
import { openDynamoViewStore } from '../stores/dynamodb/store.ts';

/** Parts from outside a function; the machine's own where none are given. */
export type Outside<View> = {
  environment: Environment;
  clock: Clock;
  http: OpenHttp;
  openStore: (options: { table: string; indexes: Part['indexes']; clock: Clock }) => ViewStore<View>;
  /** Writes one line to the log. */
  print: (line: string) => void;
};

/** The parts that make calls. */
export type Machine = Pick<Outside<unknown>, 'environment' | 'clock' | 'http'>;

/** Parts that are given, and the machine's own for the rest. */
export function outsideOf<View>(given: Partial<Outside<View>>): Outside<View> {
  return {
    environment: process.env,
    clock: systemClock,
    http: nodeHttp,
    openStore: openDynamoViewStore<View>,
    print: (line) => void process.stdout.write(`${line}\n`),
    ...given,
  };
}

/** Writes events that a person should see to the log. */
export function watching(print: (line: string) => void, observe: Observe = () => {}): Observe {
  return (event) => {
    observe(event);
    const line = logLine(event);
    if (line !== null) print(line);
  };
}
