import type { DocumentInfo, DocumentWithContent, Page } from '@reprise/client';
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { reprise } from './reprise.js';

const PAGE_SIZE = 50;

const keys = {
  lists: ['documents'] as const,
  list: (search: string) => ['documents', search] as const,
  document: (id: string) => ['document', id] as const,
};

/** Documents and their number. */
export interface DocumentList {
  items: DocumentInfo[];
  total: number;
}

/** The corpus, newest first, page by page; with a search text, the documents whose title contains it. */
export function useDocuments(search: string): UseInfiniteQueryResult<DocumentList> {
  return useInfiniteQuery({
    queryKey: keys.list(search),
    queryFn: ({ pageParam: page, signal }) =>
      reprise.listDocuments({
        page,
        pageSize: PAGE_SIZE,
        search: search === '' ? undefined : search,
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ has_more, page }) => (has_more ? page + 1 : undefined),
    select: allOf,
    placeholderData: (before) => before,
  });
}

/** A document added while pages are being read pushes another one onto the next page: list it once. */
function allOf({ pages }: InfiniteData<Page<DocumentInfo>>): DocumentList {
  const items = new Map(pages.flatMap((page) => page.items).map((item) => [item.document_id, item]));
  return { items: [...items.values()], total: pages.at(-1)?.total ?? 0 };
}

/** A document with its text. */
export function useDocument(id: string | null): UseQueryResult<DocumentWithContent> {
  return useQuery({
    queryKey: keys.document(id ?? ''),
    queryFn: ({ signal }) => reprise.getDocument(id ?? '', { signal }),
    enabled: id !== null,
    staleTime: Infinity, // a document never changes
  });
}

/** Documents were added or removed. */
export function refreshDocuments(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: keys.lists });
}

/** Removes a document from the corpus. */
export function useDeleteDocument(): UseMutationResult<void, Error, string> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => reprise.deleteDocument(id),
    onSuccess: (_nothing, id) => {
      queries.removeQueries({ queryKey: keys.document(id) });
      return refreshDocuments(queries);
    },
  });
}
