/**
 * Finds the field that `project` read last before it threw, as in `menu.0.price`; null where that can't be told. It
 * runs `project` once more, on a copy that reports each read. `project` is pure, so that does no harm.
 */
export function lastRead<Resource>(project: (resource: Resource) => unknown, resource: Resource): string | null {
  let last: string | null = null;
  try {
    project(watched(structuredClone(resource), '', (path) => (last = path)));
    return null;
  } catch {
    return last;
  }
}

function watched<Value>(value: Value, path: string, onRead: (path: string) => void): Value {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      // Methods and `length` are no fields.
      if (typeof key === 'symbol' || typeof found === 'function' || isLength(target, key)) return found;
      const own = path === '' ? key : `${path}.${key}`;
      onRead(own);
      return watched(found, own, onRead);
    },
  });
}

const isLength = (target: object, key: string) => Array.isArray(target) && key === 'length';
