import { Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useChangeAccount, useDeleteAccount, useResetLink, type Account } from '../api/people.js';
import { formatTime } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { notifyError } from '../ui/notify.js';
import classes from './people.module.css';

/** What {@link PersonRow} takes. */
export interface PersonRowProps {
  account: Account;
  /** A link to set a new password was made. */
  onReset: (link: { name: string; path: string }) => void;
}

/** An account, and what administrators do with it. */
export function PersonRow({ account, onReset }: PersonRowProps): ReactElement {
  const { user_id: id, name, email, role, is_disabled, last_login_at } = account;
  const change = useChangeAccount();
  const remove = useDeleteAccount();
  const reset = useResetLink();
  const onError = (error: unknown): void => {
    notifyError(`${name} was not changed`, error);
  };
  const onDelete = (): void => {
    modals.openConfirmModal({
      title: 'Delete account?',
      centered: true,
      children: (
        <Text size="sm">
          “{name}” goes with all chats, messages, files and tokens. This cannot be undone. To keep them,
          disable the account instead.
        </Text>
      ),
      labels: { confirm: 'Delete', cancel: 'Keep' },
      confirmProps: { color: 'red.8' },
      onConfirm: () => {
        remove.mutate(id, { onError });
      },
    });
  };
  return (
    <li>
      <div className={classes.who}>
        <strong dir="auto">{name}</strong>
        <span>
          {email} · {last_login_at === null ? 'never signed in' : `signed in ${formatTime(last_login_at)}`}
        </span>
      </div>
      {role === 'admin' && <span className={classes.badge}>Administrator</span>}
      {is_disabled && <span className={classes.badge}>Disabled</span>}
      <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={230} shadow="md" radius="md">
        <Menu.Target>
          <IconButton label={`Change ${name}`}>
            <IconDots size={17} stroke={1.7} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => {
              reset.mutate(id, {
                onError,
                onSuccess: ({ path }) => {
                  onReset({ name, path });
                },
              });
            }}
          >
            Link to set a new password
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              change.mutate({ id, role: role === 'admin' ? 'user' : 'admin' }, { onError });
            }}
          >
            {role === 'admin' ? 'Make an ordinary user' : 'Make an administrator'}
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              change.mutate({ id, is_disabled: !is_disabled }, { onError });
            }}
          >
            {is_disabled ? 'Enable' : 'Disable'}
          </Menu.Item>
          <Menu.Item color="var(--bad)" onClick={onDelete}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
