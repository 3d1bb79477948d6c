/** A value that CloudFormation fills in when it deploys. */
export type Intrinsic =
  | { Ref: string }
  | { 'Fn::Sub': string }
  | { 'Fn::GetAtt': [string, string] }
  | { 'Fn::If': [string, unknown, unknown] };

/** A text, or what becomes one. */
export type Value = string | Intrinsic;

export type Resource = {
  Type: string;
  Condition?: string;
  DependsOn?: string[];
  DeletionPolicy?: 'Delete' | 'Retain';
  UpdateReplacePolicy?: 'Delete' | 'Retain';
  Metadata?: Record<string, unknown>;
  Properties: Record<string, unknown>;
};

export type Resources = Record<string, Resource>;

export const ref = (name: string): Intrinsic => ({ Ref: name });
export const getAtt = (resource: string, attribute: string): Intrinsic => ({ 'Fn::GetAtt': [resource, attribute] });
export const sub = (text: string): Intrinsic => ({ 'Fn::Sub': text });

/** The value where the condition holds, nothing at all where it doesn't. */
export const onlyIf = (condition: string, value: unknown): Intrinsic => ({
  'Fn::If': [condition, value, ref('AWS::NoValue')],
});

/** Stands for the stage in every name that Fn::Sub completes. */
export const STAGE = `\${Stage}`;

/** Everybody of this account whose own policies allow it. */
export const accountRoot = sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`);

/** The ARN of what is called so, for whatever can't refer to it without going in circles. */
export const arn = (service: string, name: string): Intrinsic =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`);

/** `display-queries` is `DisplayQueries` in the template. */
export function logicalId(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** All of them together. Throws Error where two have the same name. */
export function merged<Each>(...groups: readonly Record<string, Each>[]): Record<string, Each> {
  const all: Record<string, Each> = {};
  for (const [name, each] of groups.flatMap((group) => Object.entries(group))) {
    if (name in all) throw new Error(`two things of the template are called ${name}: rename a consumer`);
    all[name] = each;
  }
  return all;
}
