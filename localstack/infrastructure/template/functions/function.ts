import type { Size } from '../sizes.ts';
import type { Resources, Value } from '../values.ts';

/** What a role allows. */
export type Grant = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: readonly string[];
  Resource: Value | readonly Value[];
  Condition?: Record<string, unknown>;
};

/** A function and everything that is said of it alone. */
export type FunctionSpec = {
  /** Also the folder of its bundle, `.build/lambda/<name>`. */
  name: string;
  description: string;
  size: Size;
  /** How many run at once, at most: reserved for it. */
  concurrency: number | Value;
  environment: Record<string, unknown>;
  /** What its role may do, beside writing its log and reading its environment. Some hold only where a parameter says so. */
  grants: readonly (Grant | Value)[];
  /** Runs where the database is, if that is a private network. */
  inVpc?: true;
  /** Answers HTTP requests, on an API of this name. */
  api?: { id: string; name: string; rate: number; burst: number };
  /** What else starts it, as SAM says it. */
  events?: Record<string, unknown>;
  /** More of AWS::Serverless::Function. */
  more?: Record<string, unknown>;
  /** What only it needs. */
  resources?: Resources;
};

/** Allows these actions. */
export const allow = (
  Sid: string,
  Action: readonly string[],
  Resource: Grant['Resource'],
  Condition?: Record<string, unknown>,
): Grant => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition !== undefined && { Condition }) });
