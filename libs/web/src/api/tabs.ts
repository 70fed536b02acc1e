import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { useEffect } from 'react';

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('reprise');

/** Tells the other tabs of this browser that something changed. */
export function tellTabs(...changed: QueryKey[]): void {
  channel?.postMessage(changed);
}

/** Refetches what another tab has changed. */
export function useOtherTabs(queries: QueryClient): void {
  useEffect(() => {
    const onMessage = ({ data }: MessageEvent<QueryKey[]>): void => {
      for (const queryKey of data) void queries.invalidateQueries({ queryKey });
    };
    channel?.addEventListener('message', onMessage);
    return () => channel?.removeEventListener('message', onMessage);
  }, [queries]);
}
