/** What the servers' process says and is asked. */
export type ServersOrder = { do: 'count' };
export type ServersReport =
  | { kind: 'ready'; url: string }
  | { kind: 'count'; views: number; buried: number; looks: number };

/** A bundle that is loaded and, if there is an event, invoked twice. */
export type SandboxOrder = { bundle: string; events: unknown[] };

/** Milliseconds of a fresh process. */
export type SandboxReport = {
  kind: 'measured';
  evaluation: number;
  /** Of the first invocation and the second. */
  calls: number[];
  /** CPU of evaluation and first invocation. */
  cpu: number;
  failed: number;
};
