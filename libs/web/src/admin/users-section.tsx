import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useAdminUsers, type AdminUser } from '../api/admin.js';
import { formatCount, formatTime } from '../ui/format.js';
import { Found, Pages, Table } from './table.js';
import { useFilter } from './use-filter.js';
import { formatCosts } from './words.js';
import classes from './admin.module.css';

const NAMES = ['page'] as const;
const COLUMNS = [
  ['User'],
  ['Last active'],
  ['Since'],
  ['Messages, 30 days', 'figure'],
  ['Tokens', 'figure'],
  ['Cost', 'figure'],
] as const;

/** Users, the last active first. */
export function UsersSection(): ReactElement {
  const filter = useFilter(NAMES);
  return (
    <Found query={useAdminUsers(Number(filter.values.page) || 1)} isEmpty={({ items }) => items.length === 0}>
      {({ items, page, total_pages }) => (
        <>
          <Table label="Users" columns={COLUMNS}>
            {items.map((user) => (
              <UserRow key={user.user_id} user={user} />
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
  );
}

function UserRow({ user }: { user: AdminUser }): ReactElement {
  const { user_id, name, email, usage } = user;
  const about = [name, email].filter((one) => one !== null && one !== user_id).join(', ');
  return (
    <tr>
      <td>
        <Link href={`/admin/runs?user=${encodeURIComponent(user_id)}`} title={`Runs of ${user_id}`}>
          {user_id}
        </Link>
        {about !== '' && <span className={classes.note}>{about}</span>}
      </td>
      <td>
        <time dateTime={user.last_active}>{formatTime(user.last_active)}</time>
      </td>
      <td>
        <time dateTime={user.created_at}>{formatTime(user.created_at)}</time>
      </td>
      <td data-kind="figure">{formatCount(usage.messages)}</td>
      <td data-kind="figure">{formatCount(usage.prompt_tokens + usage.completion_tokens)}</td>
      <td data-kind="figure">{formatCosts(usage.costs)}</td>
    </tr>
  );
}
