import type { Parameter as Definition } from '../template/parameters.ts';

/** Values by the parameter's name. */
export type Values = Record<string, string>;

/** A parameter as CreateChangeSet takes it: a value, or what the stack has. */
export type Setting = { ParameterKey: string; ParameterValue?: string; UsePreviousValue?: boolean };

/** What the parameters come from, the strongest first. */
export type Sources = {
  /** What the deployment itself says: where the code is, and which stage. */
  own: Values;
  /** What the operator says. */
  given: Values;
  /** What the stack was deployed with. */
  previous: Values;
};

/** A parameter is missing, unknown or malformed; the message names each, and how to say it. */
export class WrongParameters extends Error {
  override name = 'WrongParameters';
}

/** Every parameter of the template with its value. Pure. Throws WrongParameters. */
export function settingsOf(definitions: Record<string, Definition>, { own, given, previous }: Sources): Setting[] {
  const faults = [...unknownOf(definitions, own, given), ...malformedOf(definitions, given)];
  const settings = Object.keys(definitions).flatMap((name): Setting[] => {
    const value = own[name] ?? given[name];
    if (value !== undefined) return [{ ParameterKey: name, ParameterValue: value }];
    if (previous[name] !== undefined) return [{ ParameterKey: name, UsePreviousValue: true }];
    if (definitions[name]?.Default === undefined) faults.push(`${name} is missing: ${definitions[name]?.Description}`);
    return [];
  });
  if (faults.length === 0) return settings;
  const how = 'Say them by --parameter Name=Value; the next deployment remembers them.';
  throw new WrongParameters([...faults, how].join('\n'));
}

function unknownOf(definitions: Record<string, Definition>, own: Values, given: Values): string[] {
  const may = Object.keys(definitions).filter((name) => !(name in own));
  return Object.keys(given).flatMap((name) => {
    if (name in own) return [`${name} is said by the deployment itself`];
    return name in definitions ? [] : [`${name} is no parameter; there are ${may.join(', ')}`];
  });
}

function malformedOf(definitions: Record<string, Definition>, given: Values): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const fault = faultOf(definitions[name], value);
    return fault === null ? [] : [`${name} is ${fault}: ${definitions[name]?.Description}`];
  });
}

/** What is wrong with a value, before CloudFormation says it half a minute later. */
function faultOf(definition: Definition | undefined, value: string): string | null {
  const { AllowedPattern, AllowedValues, MinValue = -Infinity, MaxValue = Infinity, Type } = definition ?? {};
  if (AllowedValues !== undefined && !AllowedValues.includes(value)) return `one of ${AllowedValues.join(', ')}`;
  if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(value)) return `malformed (${AllowedPattern})`;
  const isWithin = Number(value) >= MinValue && Number(value) <= MaxValue;
  if (Type === 'Number' && (value.trim() === '' || !isWithin)) return `a number from ${MinValue} to ${MaxValue}`;
  return null;
}
