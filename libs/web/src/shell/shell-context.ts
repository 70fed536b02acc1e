import { createContext, useContext } from 'react';

/** What pages may do to the shell around them. */
export interface ShellControls {
  /** Shows the sidebar: as a drawer on a phone, else beside the page. */
  openSidebar: () => void;
  /** The sidebar is out of view. */
  isSidebarHidden: boolean;
}

/** Given by the shell to whatever it surrounds. */
export const ShellContext = createContext<ShellControls>({
  openSidebar: () => undefined,
  isSidebarHidden: false,
});

/** The shell around this page. */
export function useShell(): ShellControls {
  return useContext(ShellContext);
}
