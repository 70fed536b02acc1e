import type { ModelTurns } from '@reprise/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { reprise } from '../../api/reprise.js';
import { messageOf } from '../../ui/error-text.js';
import { useReplay } from './replay.js';

/** What went to the models, page by page; refetched whenever a tool call has ended, or the run has. */
export function useTurns(): {
  pages: readonly ModelTurns[] | null;
  error: string | null;
  /** Loads the next page; null if there is none. */
  more: (() => void) | null;
} {
  const { run, waterfall } = useReplay();
  const { message_id: id } = run.message;
  const ended = waterfall.tools.filter(({ status }) => status !== 'running').length;
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['debug', 'turns', id, ended, run.hasEnded],
    queryFn: ({ signal, pageParam }) => reprise.listTurns(id, { signal, after: pageParam }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const more = (): void => {
    void fetchNextPage();
  };
  return {
    pages: data?.pages ?? null,
    error: error ? messageOf(error) : null,
    more: hasNextPage ? more : null,
  };
}
