import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { readStored, store } from '../api/stored.js';
import { SearchDialog } from './search-dialog.js';
import { ShellContext } from './shell-context.js';
import { Sidebar } from './sidebar.js';
import { useShortcuts } from './use-shortcuts.js';
import classes from './shell.module.css';

const HIDDEN_KEY = 'reprise.sidebar-hidden';

/** Sidebar and, beside it, the page. On a phone the sidebar is a drawer. */
export function Shell({ children }: { children: ReactNode }): ReactElement {
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const [isHidden, setHidden] = useState(readStored(HIDDEN_KEY) !== null);
  const [isDrawn, setDrawn] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const [location] = useLocation();
  const hide = useCallback((isWanted: boolean) => {
    setHidden(isWanted);
    store(HIDDEN_KEY, isWanted ? 'yes' : null);
  }, []);
  useEffect(() => {
    setDrawn(false);
  }, [location]);
  const onSearch = useCallback(() => {
    setDrawn(false);
    setSearching(true);
  }, []);
  useShortcuts({ onSearch });
  const controls = useMemo(
    () => ({
      openSidebar: () => {
        if (isNarrow) setDrawn(true);
        else hide(false);
      },
      isSidebarHidden: isNarrow || isHidden,
    }),
    [isNarrow, isHidden, hide],
  );
  const sidebar = (
    <Sidebar
      onSearch={onSearch}
      onHide={() => {
        if (isNarrow) setDrawn(false);
        else hide(true);
      }}
    />
  );
  return (
    <ShellContext value={controls}>
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.shell} data-hidden={isNarrow || isHidden}>
        {!isNarrow && !isHidden && <div className={classes.sidebar}>{sidebar}</div>}
        <main id="main" className={classes.main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <Drawer
        opened={isNarrow && isDrawn}
        onClose={() => {
          setDrawn(false);
        }}
        withCloseButton={false}
        size={300}
        padding={0}
        attributes={{ content: { 'aria-label': 'Sidebar' } }}
        classNames={{ content: classes.drawer ?? '', body: classes.drawerBody ?? '' }}
      >
        {sidebar}
      </Drawer>
      <SearchDialog
        isOpen={isSearching}
        onClose={() => {
          setSearching(false);
        }}
      />
    </ShellContext>
  );
}
