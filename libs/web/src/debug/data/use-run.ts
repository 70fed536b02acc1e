import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { reprise } from '../../api/reprise.js';
import { RunStore, type RunState } from './run-store.js';

/** The run of a message as it is now, and how to reload it. */
export function useRun(messageId: string): { state: RunState; reload: () => void } {
  const [store, setStore] = useState(() => new RunStore(reprise, messageId));
  useEffect(() => store.open(), [store]);
  const reload = useCallback(() => {
    setStore(new RunStore(reprise, messageId));
  }, [messageId]);
  return { state: useSyncExternalStore(store.subscribe, store.snapshot), reload };
}
