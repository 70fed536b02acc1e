import type { ReactElement } from 'react';
import { useAudit, type AuditEntry } from '../api/admin.js';
import { formatTime } from '../ui/format.js';
import { ChoiceFilter, TextFilter } from './fields.js';
import { Found, Pages, Table } from './table.js';
import { useFilter } from './use-filter.js';
import { words } from './words.js';
import classes from './admin.module.css';

const NAMES = ['action', 'user', 'since', 'until', 'page'] as const;
/** As in the server's list (`src/audit/audit-actions.ts`). */
const ACTIONS = [
  ...['login', 'login_failed', 'logout', 'invited', 'joined', 'role_changed', 'password_changed'],
  ...['password_reset', 'account_disabled', 'account_enabled', 'token_created', 'token_withdrawn'],
  ...['approval_decided', 'user_erased', 'user_exported', 'admin_viewed', 'settings_changed'],
];
const COLUMNS = [['When'], ['Who'], ['What'], ['To whom'], ['Object'], ['From']] as const;

/** Who did what. */
export function AuditSection(): ReactElement {
  const filter = useFilter(NAMES);
  return (
    <>
      <form
        role="search"
        aria-label="Filter the audit log"
        className={classes.filters}
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <ChoiceFilter
          filter={filter}
          name="action"
          label="Action"
          choices={[['', 'Any'], ...ACTIONS.map((action) => [action, words(action)] as const)]}
        />
        <TextFilter filter={filter} name="user" label="User" />
        <TextFilter filter={filter} name="since" label="Since" type="date" />
        <TextFilter filter={filter} name="until" label="Before" type="date" />
      </form>
      <Found query={useAudit(filter.settled)} isEmpty={({ items }) => items.length === 0}>
        {({ items, page, total_pages }) => (
          <>
            <Table label="Audit log" columns={COLUMNS}>
              {items.map((entry) => (
                <EntryRow key={entry.entry_id} entry={entry} />
              ))}
            </Table>
            <Pages
              page={page}
              pages={total_pages}
              onPage={(target) => {
                filter.set('page', String(target));
              }}
            />
          </>
        )}
      </Found>
    </>
  );
}

function EntryRow({ entry }: { entry: AuditEntry }): ReactElement {
  const { by, object, detail, times } = entry;
  const details = Object.entries(detail).map(([name, value]) => `${words(name)}: ${value}`);
  return (
    <tr>
      <td>
        <time dateTime={entry.at}>{formatTime(entry.at)}</time>
      </td>
      <td>
        {by.subject ?? by.user_id ?? 'nobody known'}
        {by.token_id !== null && <span className={classes.note}>with token {by.token_id}</span>}
      </td>
      <td>
        {words(entry.action)}
        {times > 1 && ` (${times} times)`}
        {details.length > 0 && <span className={classes.note}>{details.join(', ')}</span>}
      </td>
      <td>{entry.about_user ?? '–'}</td>
      <td>{object ? `${object.kind} ${object.id}` : '–'}</td>
      <td>{by.address ?? '–'}</td>
    </tr>
  );
}
