import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

const PAUSE_MS = 250;

/** Filters of a list: part of the address, so that it can be sent to a colleague. */
export interface Filter<N extends string> {
  /** As typed. */
  values: Record<N, string>;
  /** The same, once nobody has typed for a moment. */
  settled: Record<N, string>;
  set: (name: N, value: string) => void;
}

export function useFilter<N extends string>(names: readonly N[]): Filter<N> {
  const [search, setSearch] = useSearchParams();
  const text = search.toString();
  const values = useMemo(() => {
    const given = new URLSearchParams(text);
    return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ''])) as Record<N, string>;
  }, [names, text]);
  const [settled] = useDebouncedValue(values, PAUSE_MS);
  const set = useCallback(
    (name: N, value: string) => {
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === '') after.delete(name);
          else after.set(name, value);
          // Another list begins with its first page.
          if (name !== 'page') after.delete('page');
          return after;
        },
        { replace: true },
      );
    },
    [setSearch],
  );
  return { values, settled, set };
}
