import { IconDatabaseOff } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import states from '../ui/states.module.css';
import classes from './admin.module.css';

/** A column: its heading, and whether it has figures. */
export type Column = readonly [title: string, kind?: 'figure'];

/** A table that scrolls by itself where it is wider than the page. */
export function Table({
  label,
  columns,
  children,
}: {
  label: string;
  columns: readonly Column[];
  children: ReactNode;
}): ReactElement {
  return (
    // Whoever has no mouse scrolls with the keyboard.
    <div className={classes.wide} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map(([title, kind]) => (
              <th key={title} scope="col" data-kind={kind}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** What a query has found; else that it is loading, failed, or found nothing. */
export function Found<T>({
  query,
  isEmpty,
  children,
}: {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  isEmpty: (data: T) => boolean;
  children: (data: T) => ReactNode;
}): ReactElement {
  const { data, error, refetch } = query;
  if (error) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LateLoader />;
  if (!isEmpty(data)) return <>{children(data)}</>;
  return (
    <div className={states.state} role="status">
      <IconDatabaseOff size={28} stroke={1.5} aria-hidden />
      <p>Nothing found.</p>
    </div>
  );
}

/** To other pages of a list. */
export function Pages({
  page,
  pages,
  onPage,
}: {
  page: number;
  pages: number;
  onPage: (page: number) => void;
}): ReactElement | null {
  if (pages <= 1) return null;
  const to = (label: string, target: number): ReactElement => (
    <Button
      size="xs"
      variant="default"
      disabled={target < 1 || target > pages}
      onClick={() => {
        onPage(target);
      }}
    >
      {label}
    </Button>
  );
  return (
    <nav aria-label="Pages" className={classes.pages}>
      {to('Previous', page - 1)}
      <span>
        Page {page} of {pages}
      </span>
      {to('Next', page + 1)}
    </nav>
  );
}
