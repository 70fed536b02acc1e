import { IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { IconButton } from '../ui/icon-button.js';
import { useShell } from './shell-context.js';
import classes from './shell.module.css';

/** The bar above a page: its title and its actions. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  const { openSidebar, isSidebarHidden } = useShell();
  return (
    <header className={classes.header}>
      <span className={classes.opener} data-shown={isSidebarHidden}>
        <IconButton label="Open sidebar" onClick={openSidebar}>
          <IconLayoutSidebarLeftExpand size={19} stroke={1.7} />
        </IconButton>
      </span>
      <h1 className={classes.pageTitle} title={title} dir="auto">
        {title}
      </h1>
      {children}
    </header>
  );
}
