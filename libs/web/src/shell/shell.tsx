import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { readStored, store } from '../api/stored.js';
import { SearchDialog } from './search-dialog.js';
import { ShellContext } from './shell-context.js';
import { Sidebar } from './sidebar.js';
import { useShortcuts } from './use-shortcuts.js';
import { useStrayFiles } from './use-stray-files.js';
import classes from './shell.module.css';

const HIDDEN_KEY = 'reprise.sidebar-hidden';

/** Sidebar and, beside it, the page. On a phone the sidebar is a drawer. */
export function Shell({ children }: { children: ReactNode }): ReactElement {
  const { isNarrow, isShown, show } = useSidebar();
  const [isSearching, setSearching] = useState(false);
  const onSearch = useCallback(() => {
    if (isNarrow) show(false);
    setSearching(true);
  }, [isNarrow, show]);
  useShortcuts({ onSearch });
  useStrayFiles();
  const hide = useCallback(() => {
    show(false);
  }, [show]);
  const controls = useMemo(
    () => ({
      openSidebar: () => {
        show(true);
      },
      isSidebarHidden: isNarrow || !isShown,
    }),
    [isNarrow, isShown, show],
  );
  const sidebar = <Sidebar onSearch={onSearch} onHide={hide} />;
  return (
    <ShellContext value={controls}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <div className={classes.shell} data-hidden={controls.isSidebarHidden}>
        {!controls.isSidebarHidden && <div className={classes.sidebar}>{sidebar}</div>}
        <main id="main" className={classes.main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <SidebarDrawer isOpen={isNarrow && isShown} onClose={hide}>
        {sidebar}
      </SidebarDrawer>
      <SearchDialog
        isOpen={isSearching}
        onClose={() => {
          setSearching(false);
        }}
      />
    </ShellContext>
  );
}

interface SidebarState {
  /** As narrow as a phone. */
  isNarrow: boolean;
  isShown: boolean;
  show: (isWanted: boolean) => void;
}

/** Beside the page the sidebar stays as the user left it; as a drawer it is closed until opened. */
function useSidebar(): SidebarState {
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const [isHidden, setHidden] = useState(readStored(HIDDEN_KEY) !== null);
  const [isDrawn, setDrawn] = useState(false);
  const [location] = useLocation();
  useEffect(() => {
    setDrawn(false);
  }, [location]);
  const show = useCallback(
    (isWanted: boolean) => {
      if (isNarrow) {
        setDrawn(isWanted);
        return;
      }
      setHidden(!isWanted);
      store(HIDDEN_KEY, isWanted ? null : 'yes');
    },
    [isNarrow],
  );
  return { isNarrow, isShown: isNarrow ? isDrawn : !isHidden, show };
}

interface SidebarDrawerProps {
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

function SidebarDrawer({ isOpen, onClose, children }: SidebarDrawerProps): ReactElement {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      withCloseButton={false}
      size={300}
      padding={0}
      attributes={{ content: { 'aria-label': 'Sidebar' } }}
      classNames={{ content: classes.drawer ?? '', body: classes.drawerBody ?? '' }}
    >
      {children}
    </Drawer>
  );
}
