import { useEffect } from 'react';

/** Sets the tab's title while the component is mounted. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = title.slice(0, 80);
    return () => {
      document.title = before;
    };
  }, [title]);
}
