import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { reprise } from '../../api/reprise.js';
import { RunLoader, type RunState } from './run-loader.js';

/** The run of a message as it is now, and how to reload it. */
export function useRun(messageId: string): { state: RunState; reload: () => void } {
  const [store, setStore] = useState(() => new RunLoader(reprise, messageId));
  useEffect(() => store.open(), [store]);
  const reload = useCallback(() => {
    setStore(new RunLoader(reprise, messageId));
  }, [messageId]);
  return { state: useSyncExternalStore(store.subscribe, store.snapshot), reload };
}
