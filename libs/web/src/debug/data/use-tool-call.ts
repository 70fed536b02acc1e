import type { FullToolCall } from '@reprise/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { reprise } from '../../api/reprise.js';
import { messageOf } from '../../ui/error-text.js';
import { useReplay } from './replay.js';

/** The run's tool calls in full, refetched whenever another one has ended. */
export function useFullCalls(isWanted: boolean): {
  calls: readonly FullToolCall[] | null;
  error: string | null;
} {
  const { run, waterfall } = useReplay();
  const { message_id: id } = run.message;
  const ended = waterfall.tools.filter(({ status }) => status !== 'running').length;
  const { data, error } = useQuery({
    queryKey: ['debug', 'tool-calls', id, ended],
    queryFn: ({ signal }) => reprise.listToolCalls(id, { signal }),
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });
  return { calls: data ?? null, error: error ? messageOf(error) : null };
}

/** One of them. */
export function useToolCall(callId: string | null): { call: FullToolCall | null; error: string | null } {
  const { calls, error } = useFullCalls(callId !== null);
  if (callId === null) return { call: null, error: null };
  return { call: calls?.find(({ call_id }) => call_id === callId) ?? null, error };
}
