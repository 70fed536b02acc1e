import { Kbd } from '@mantine/core';
import {
  IconBook2,
  IconFiles,
  IconLayoutSidebarLeftCollapse,
  IconPencilPlus,
  IconSearch,
  IconShield,
  type Icon,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link, useRoute } from 'wouter';
import { isAdmin } from '../api/session.js';
import { AccountMenu } from '../people/account-menu.js';
import { IconButton } from '../ui/icon-button.js';
import { IconLink } from '../ui/icon-link.js';
import { ChatList } from './chat-list.js';
import { ThemeToggle } from './theme-toggle.js';
import classes from './sidebar.module.css';

/** What {@link Sidebar} takes. */
export interface SidebarProps {
  onSearch: () => void;
  onHide: () => void;
}

/** The page's navigation. */
export function Sidebar({ onSearch, onHide }: SidebarProps): ReactElement {
  return (
    <nav className={classes.sidebar} aria-label="Main">
      <div className={classes.top}>
        <Link href="/" className={classes.brand} aria-label="Reprise, new chat">
          <img src="/favicon.svg" alt="" width={22} height={22} />
          Reprise
        </Link>
        <IconButton label="Hide sidebar" onClick={onHide}>
          <IconLayoutSidebarLeftCollapse size={19} stroke={1.7} />
        </IconButton>
      </div>
      <div className={classes.actions}>
        <NavLink href="/" label="New chat" icon={IconPencilPlus} keys="Ctrl Shift O" />
        <button type="button" className={classes.nav} onClick={onSearch}>
          <IconSearch size={17} stroke={1.7} aria-hidden />
          Search chats
          <Kbd size="xs" className={classes.keys ?? ''}>
            Ctrl K
          </Kbd>
        </button>
        <NavLink href="/documents" label="Documents" icon={IconFiles} />
      </div>
      <div className={classes.chats} role="region" aria-label="Chats" tabIndex={-1}>
        <ChatList />
      </div>
      <div className={classes.bottom}>
        <AccountMenu />
        <ThemeToggle />
        {isAdmin && (
          <IconLink label="Administration" href="/admin">
            <IconShield size={18} stroke={1.7} />
          </IconLink>
        )}
        <IconLink label="API explorer" href="/api/docs" isForeign>
          <IconBook2 size={18} stroke={1.7} />
        </IconLink>
      </div>
    </nav>
  );
}

interface NavLinkProps {
  href: string;
  label: string;
  icon: Icon;
  keys?: string;
}

function NavLink({ href, label, icon: Glyph, keys }: NavLinkProps): ReactElement {
  const [isHere] = useRoute(href);
  return (
    <Link href={href} className={classes.nav} data-here={isHere} aria-current={isHere ? 'page' : undefined}>
      <Glyph size={17} stroke={1.7} aria-hidden />
      {label}
      {keys !== undefined && (
        <Kbd size="xs" className={classes.keys ?? ''}>
          {keys}
        </Kbd>
      )}
    </Link>
  );
}
