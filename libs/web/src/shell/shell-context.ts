import { createContext, useContext } from 'react';

/** What pages can do to the shell around them. */
export interface ShellControls {
  /** Shows the sidebar: as a drawer on a phone, else beside the page. */
  openSidebar: () => void;
  /** The sidebar is not visible. */
  isSidebarHidden: boolean;
}

/** Provided by the shell to everything inside it. */
export const ShellContext = createContext<ShellControls>({
  openSidebar: () => undefined,
  isSidebarHidden: false,
});

/** The shell around this page. */
export function useShell(): ShellControls {
  return useContext(ShellContext);
}
