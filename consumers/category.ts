import type { Condition } from './runtime/view-store.ts';

/** 한식 stands for 한식_일반 and its other kinds, too. */
export function categoryConditions(category: string): readonly Condition[] {
  return [category, { startsWith: `${category}_` }];
}
