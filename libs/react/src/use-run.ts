import type { ApproveOptions, CreatedMessage, RepriseClient, RunRef } from '@reprise/client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useRepriseClient } from './context.js';
import { isGoingOn, FollowedRuns, unknownRun, type RunSnapshot } from './followed-runs.js';

/** A person's decision about a tool call. */
export type Decision = Omit<ApproveOptions, 'messageId' | 'signal'>;

/** What can be done to a run. All reject with `RepriseError`; with an `Error` if there is no run. */
export interface RunActions {
  /** Stops it; what was streamed is kept. */
  cancel: () => Promise<void>;
  /** Asks again, as a new message. */
  retry: () => Promise<CreatedMessage>;
  /** Decides a tool call that is waiting for approval. */
  approve: (decision: Decision) => Promise<void>;
}

/** A run and what can be done to it. */
export interface UseRunResult extends RunSnapshot, RunActions {
  /** There is a run, and more of it to come. */
  isStreaming: boolean;
}

/**
 * Follows a run, given the question's message id or the result of `send`. Components that follow the same run share
 * one state and one connection. `null`: nothing yet.
 */
export function useRun(run: RunRef | null, options: { client?: RepriseClient } = {}): UseRunResult {
  const client = useRepriseClient(options.client);
  const messageId = typeof run === 'object' ? (run?.message_id ?? null) : run;
  const streamUrl = typeof run === 'object' ? run?.stream_url : undefined;
  const store = FollowedRuns.of(client);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (messageId === null) return () => undefined;
      const ref = streamUrl === undefined ? messageId : { message_id: messageId, stream_url: streamUrl };
      return store.subscribe(ref, listener);
    },
    [store, messageId, streamUrl],
  );
  const snapshot = useSyncExternalStore(
    subscribe,
    () => (messageId === null ? unknownRun : store.snapshot(messageId)),
    () => unknownRun,
  );
  const actions = useMemo(() => actionsOf(client, messageId), [client, messageId]);
  return { ...snapshot, ...actions, isStreaming: messageId !== null && isGoingOn(snapshot) };
}

function actionsOf(client: RepriseClient, messageId: string | null): RunActions {
  const id = (): string => {
    if (messageId === null) throw new Error('There is no run yet.');
    return messageId;
  };
  return {
    cancel: async () => {
      await client.cancel(id());
    },
    retry: async () => client.retry(id()),
    approve: async (decision) => client.approve({ ...decision, messageId: id() }),
  };
}
