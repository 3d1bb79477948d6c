/** A value that CloudFormation fills in when it deploys. */
export type Intrinsic =
  | { Ref: string }
  | { 'Fn::Sub': string }
  | { 'Fn::GetAtt': [string, string] }
  | { 'Fn::If': [string, unknown, unknown] };

/** A text, or an intrinsic function that returns one. */
export type Value = string | Intrinsic;

/** A resource of a template. */
export type Resource = {
  Type: string;
  Condition?: string;
  DependsOn?: string[];
  DeletionPolicy?: 'Delete' | 'Retain';
  UpdateReplacePolicy?: 'Delete' | 'Retain';
  Metadata?: Record<string, unknown>;
  Properties: Record<string, unknown>;
};

/** Resources by their logical id. */
export type Resources = Record<string, Resource>;

/** Refers to a parameter or resource. */
export const ref = (name: string): Intrinsic => ({ Ref: name });
/** Refers to an attribute of a resource. */
export const getAtt = (resource: string, attribute: string): Intrinsic => ({ 'Fn::GetAtt': [resource, attribute] });
/** Fills in the names in a text. */
export const sub = (text: string): Intrinsic => ({ 'Fn::Sub': text });

/** Fills in the names in a text, or returns a text without names as it is. */
export const filledIn = (text: string): Value => (text.includes('${') ? sub(text) : text);

/** Returns the value if the condition holds, and no value otherwise. */
export const onlyIf = (condition: string, value: unknown): Intrinsic => ({
  'Fn::If': [condition, value, ref('AWS::NoValue')],
});

/** The stage in a text for Fn::Sub. */
export const STAGE = `\${Stage}`;

/** The principal for all users and roles of this account, as far as their own policies allow. */
export const accountRoot = sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`);

/** Writes an ARN by service and name, where a reference would be a circle. */
export const arn = (service: string, name: string): Intrinsic =>
  sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`);

/** Makes a logical id of a name: `display-queries` becomes `DisplayQueries`. */
export function logicalId(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Merges groups into one. Throws an Error if two entries have the same name. */
export function merged<Each>(...groups: readonly Record<string, Each>[]): Record<string, Each> {
  const all: Record<string, Each> = {};
  for (const [name, each] of groups.flatMap((group) => Object.entries(group))) {
    if (name in all) throw new Error(`two resources of the template are called ${name}. Rename a consumer.`);
    all[name] = each;
  }
  return all;
}
