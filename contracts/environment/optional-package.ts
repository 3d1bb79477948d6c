/**
 * Makes a handler for an import that failed: where an optional package is not installed, it throws a TypeError with
 * the part that needs it and the command to install all that the part needs. Any other error is thrown as it is.
 */
export function lackingPackage(part: string, ...names: string[]): (error: unknown) => never {
  return (error) => {
    const { code, message = '' } = error as { code?: string; message?: string };
    if (code !== 'ERR_MODULE_NOT_FOUND' || !names.some((name) => message.includes(name))) throw error;
    const needs = names.length === 1 ? 'a package that is' : 'packages that are';
    throw new TypeError(`${part} needs ${needs} not installed: npm install ${names.join(' ')}`, { cause: error });
  };
}
