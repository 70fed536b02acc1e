import { useDeferredValue, useMemo, useState, type Dispatch, type SetStateAction } from 'react';
import { countTypes, filterRows, NO_FILTER, type Filter } from '../model/filter.js';
import type { Row } from '../model/rows.js';

/** What the log shows, and how to change it. */
export interface Filtering {
  readonly filter: Filter;
  readonly setFilter: Dispatch<SetStateAction<Filter>>;
  /** Lags slightly behind `filter` while somebody types. */
  readonly shown: readonly Row[];
  readonly counts: ReadonlyMap<string, number>;
}

/** The filter of a log. */
export function useFilter(rows: readonly Row[]): Filtering {
  const [filter, setFilter] = useState(NO_FILTER);
  const settled = useDeferredValue(filter);
  const shown = useMemo(() => filterRows(rows, settled), [rows, settled]);
  const counts = useMemo(() => countTypes(rows), [rows]);
  return { filter, setFilter, shown, counts };
}
