import { Menu } from '@mantine/core';
import { IconLogout, IconUserCircle, IconUsers } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { isAdmin, visitor } from '../api/session.js';
import { notifyError } from '../ui/notify.js';
import classes from './people.module.css';
import { leave } from './sign-out.js';

/** Who is signed in, and what they can do about it. Nothing where somebody else keeps the accounts. */
export function AccountMenu(): ReactElement | null {
  if (visitor.kind !== 'user' || !visitor.account) return null;
  const { name, email } = visitor.account;
  const onLeave = (): void => {
    leave().catch((error: unknown) => {
      notifyError('You could not be signed out', error);
    });
  };
  return (
    <Menu withInitialFocusPlaceholder={false} position="top-start" width={220} shadow="md" radius="md">
      <Menu.Target>
        <button type="button" className={classes.menu} aria-label={`Account of ${name}`}>
          <IconUserCircle size={18} stroke={1.7} aria-hidden />
          <span dir="auto">{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item
          component={Link}
          href="/account"
          leftSection={<IconUserCircle size={16} stroke={1.7} aria-hidden />}
        >
          Account and tokens
        </Menu.Item>
        {isAdmin && (
          <Menu.Item
            component={Link}
            href="/admin/people"
            leftSection={<IconUsers size={16} stroke={1.7} aria-hidden />}
          >
            People
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} aria-hidden />} onClick={onLeave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
