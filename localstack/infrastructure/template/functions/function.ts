import type { Size } from '../sizes.ts';
import type { Resources, Value } from '../values.ts';

/** A statement of a role. */
export type Grant = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: readonly string[];
  Resource: Value | readonly Value[];
  Condition?: Record<string, unknown>;
};

/** A function of the template, with its own settings. */
export type FunctionSpec = {
  /** Its name, and that of the folder of its bundle, `.build/lambda/<name>`. */
  name: string;
  description: string;
  size: Size;
  /** The most that run at once. They are reserved for it. */
  concurrency: number | Value;
  environment: Record<string, unknown>;
  /** The rights of its role, beside its log and environment. Some depend on a parameter. */
  grants: readonly (Grant | Value)[];
  /** Runs in the private network of the database, if there is one. */
  inVpc?: true;
  /** Answers HTTP requests, on an API of this name. */
  api?: { id: string; name: string; rate: number; burst: number };
  /** Other events that start it, in the form of SAM. */
  events?: Record<string, unknown>;
  /** More properties of AWS::Serverless::Function. */
  more?: Record<string, unknown>;
  /** Resources that only this function needs. */
  resources?: Resources;
};

/** Makes a statement that allows actions. */
export const allow = (
  Sid: string,
  Action: readonly string[],
  Resource: Grant['Resource'],
  Condition?: Record<string, unknown>,
): Grant => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition !== undefined && { Condition }) });
