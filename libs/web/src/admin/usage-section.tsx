import { useMemo, type ReactElement } from 'react';
import { useUsage, type Amounts, type Usage } from '../api/admin.js';
import { formatCount } from '../ui/format.js';
import { ChoiceFilter } from './fields.js';
import { Found, Table } from './table.js';
import { useFilter } from './use-filter.js';
import { formatCosts } from './words.js';
import classes from './admin.module.css';

const NAMES = ['by', 'days'] as const;
const DAY_MS = 86_400_000;
const KEYS = [
  ['', 'Day'],
  ['user', 'User'],
  ['model', 'Model'],
] as const;
const PERIODS = [
  ['', 'Last 30 days'],
  ['7', 'Last 7 days'],
  ['90', 'Last 90 days'],
  ['365', 'Last 365 days'],
] as const;

const tokensOf = ({ prompt_tokens, completion_tokens }: Amounts): number => prompt_tokens + completion_tokens;

/** Tokens and cost by day, user or model: a table whose rows have bars. */
export function UsageSection(): ReactElement {
  const filter = useFilter(NAMES);
  const by = filter.values.by || 'day';
  const days = Number(filter.values.days) || 30;
  const from = useMemo(() => firstDay(days), [days]);
  const usage = useUsage(by, from);
  return (
    <>
      <form
        aria-label="What to add up"
        className={classes.filters}
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <ChoiceFilter filter={filter} name="by" label="By" choices={KEYS} />
        <ChoiceFilter filter={filter} name="days" label="Period" choices={PERIODS} />
      </form>
      <Found query={usage} isEmpty={({ items }) => items.length === 0}>
        {(data) => <UsageTable by={by} usage={data} />}
      </Found>
    </>
  );
}

/** A day in UTC, as the server counts. */
function firstDay(days: number): string {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return new Date(today - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}

function UsageTable({ by, usage }: { by: string; usage: Usage }): ReactElement {
  const most = Math.max(1, ...usage.items.map(tokensOf));
  const title = { day: 'Day (UTC)', user: 'User', model: 'Model' }[by] ?? by;
  const columns = [
    [title],
    ['Tokens', 'figure'],
    ['Share'],
    ['Messages', 'figure'],
    ['Failed', 'figure'],
    ['Cost', 'figure'],
  ] as const;
  return (
    <Table label="Usage" columns={columns}>
      {usage.items.map(({ key, ...amounts }) => (
        <UsageRow key={key ?? ''} name={key ?? 'not known'} amounts={amounts} most={most} />
      ))}
      <UsageRow name="Total" amounts={usage.total} most={undefined} />
    </Table>
  );
}

/** @param most tokens of the longest bar; without, there is no bar. */
function UsageRow({
  name,
  amounts,
  most,
}: {
  name: string;
  amounts: Amounts;
  most: number | undefined;
}): ReactElement {
  const tokens = tokensOf(amounts);
  return (
    <tr data-total={most === undefined}>
      <th scope="row">{name}</th>
      <td data-kind="figure">{formatCount(tokens)}</td>
      <td className={classes.barCell}>
        {/* The figure beside it says the same. */}
        {most !== undefined && (
          <div className={classes.bar} style={{ width: `${(100 * tokens) / most}%` }} aria-hidden />
        )}
      </td>
      <td data-kind="figure">{formatCount(amounts.messages)}</td>
      <td data-kind="figure">{formatCount(amounts.failed)}</td>
      <td data-kind="figure">{formatCosts(amounts.costs)}</td>
    </tr>
  );
}
