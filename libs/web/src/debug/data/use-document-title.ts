import { useEffect } from 'react';

/** Names the tab while the component is there. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = title.slice(0, 80);
    return () => {
      document.title = before;
    };
  }, [title]);
}
