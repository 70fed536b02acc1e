import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useAdminRuns, type AdminRun } from '../api/admin.js';
import { formatCount, formatMs, formatTime } from '../ui/format.js';
import { ChoiceFilter, TextFilter } from './fields.js';
import { Found, Table } from './table.js';
import { useFilter } from './use-filter.js';
import { formatCost, words } from './words.js';
import classes from './admin.module.css';

const NAMES = ['status', 'user', 'agent', 'model', 'code', 'slower_than', 'since', 'until'] as const;
const STATUSES = ['pending', 'processing', 'waiting', 'completed', 'error', 'cancelled'];
const COLUMNS = [
  ['Asked'],
  ['User'],
  ['Status'],
  ['Agent'],
  ['Model'],
  ['Took', 'figure'],
  ['Tools', 'figure'],
  ['Tokens', 'figure'],
  ['Cost', 'figure'],
] as const;

/** Runs, with filters; each leads to its log. */
export function RunsSection(): ReactElement {
  const filter = useFilter(NAMES);
  const runs = useAdminRuns(filter.settled);
  return (
    <>
      <form
        role="search"
        aria-label="Filter runs"
        className={classes.filters}
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <ChoiceFilter
          filter={filter}
          name="status"
          label="Status"
          choices={[['', 'Any'], ...STATUSES.map((status) => [status, status] as const)]}
        />
        <TextFilter filter={filter} name="user" label="User" />
        <TextFilter filter={filter} name="agent" label="Agent" />
        <TextFilter filter={filter} name="model" label="Model" />
        <TextFilter filter={filter} name="code" label="Error code" />
        <TextFilter filter={filter} name="slower_than" label="Slower than, ms" type="number" />
        <TextFilter filter={filter} name="since" label="Since" type="date" />
        <TextFilter filter={filter} name="until" label="Before" type="date" />
      </form>
      <Found query={runs} isEmpty={({ length }) => length === 0}>
        {(items) => (
          <>
            <Table label="Runs" columns={COLUMNS}>
              {items.map((run) => (
                <RunRow key={run.message_id} run={run} />
              ))}
            </Table>
            {runs.hasNextPage && (
              <Button
                size="xs"
                variant="default"
                loading={runs.isFetchingNextPage}
                onClick={() => void runs.fetchNextPage()}
              >
                Show more
              </Button>
            )}
          </>
        )}
      </Found>
    </>
  );
}

function RunRow({ run }: { run: AdminRun }): ReactElement {
  const { processing_time_ms: ms, tool_calls: calls, total_tokens: tokens, cost } = run;
  return (
    <tr>
      <td>
        <Link href={`/debug/${run.message_id}`} title={`Log of ${run.message_id}`}>
          <time dateTime={run.created_at}>{formatTime(run.created_at)}</time>
        </Link>
      </td>
      <td>{run.user_id ?? '–'}</td>
      <td>
        <span className={classes.status} data-status={run.status}>
          {run.status}
        </span>
        {run.error_code !== null && <span className={classes.note}>{words(run.error_code)}</span>}
      </td>
      <td>{run.agent ?? '–'}</td>
      <td>{run.model ?? '–'}</td>
      <td data-kind="figure">{ms === null ? '–' : formatMs(ms)}</td>
      <td data-kind="figure">{calls ?? '–'}</td>
      <td data-kind="figure">{tokens === null ? '–' : formatCount(tokens)}</td>
      <td data-kind="figure">{cost ? formatCost(cost) : '–'}</td>
    </tr>
  );
}
