import { RepriseError, type Page } from '@reprise/client';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { PATIENCE_MS } from './reprise.js';

/** An amount of money. */
export interface Cost {
  currency: string;
  amount: number;
}

/** What was asked, and what it took. */
export interface Amounts {
  messages: number;
  runs: number;
  failed: number;
  prompt_tokens: number;
  completion_tokens: number;
  costs: Cost[];
}

/** A run, without what was said in it. */
export interface AdminRun {
  message_id: string;
  chat_id: string;
  user_id: string | null;
  agent: string | null;
  model: string | null;
  status: string;
  error_code: string | null;
  created_at: string;
  processing_time_ms: number | null;
  tool_calls: number | null;
  total_tokens: number | null;
  cost: Cost | null;
}

/** What a tenant has used. */
export interface Usage {
  items: (Amounts & { key: string | null })[];
  total: Amounts;
}

/** How the deployment is. */
export interface AdminHealth {
  version: string;
  status: string;
  findings: { check: string; status: string; found: string; cause?: string; cure?: string }[];
  runs: {
    pending: number;
    oldest_pending_ms: number;
    processing: number;
    waiting: number;
    workers: { name: string; runs: number; late: boolean }[];
  };
  engine: { kind: 'embedded' | 'mongodb'; version: string | null };
}

/** An entry of the audit log. */
export interface AuditEntry {
  entry_id: string;
  at: string;
  action: string;
  by: { user_id: string | null; subject: string | null; token_id: string | null; address: string | null };
  about_user: string | null;
  object: { kind: string; id: string } | null;
  detail: Record<string, string | number | boolean>;
  times: number;
}

/** A user of the tenant. */
export interface AdminUser {
  user_id: string;
  name: string | null;
  email: string | null;
  created_at: string;
  last_active: string;
  usage: Amounts;
}

/** Parameters of a query; what is empty is left out. */
export type AdminQuery = Readonly<Record<string, string | number | undefined>>;

interface RunsPart {
  items: AdminRun[];
  next_cursor: string | null;
}

const PAGE_SIZE = 50;

/** Runs, newest first, part by part. */
export function useAdminRuns(filter: AdminQuery): UseInfiniteQueryResult<AdminRun[]> {
  return useInfiniteQuery({
    queryKey: ['admin', 'runs', filter],
    queryFn: ({ pageParam, signal }) =>
      get<RunsPart>('runs', { ...filter, page_size: PAGE_SIZE, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    placeholderData: keepPreviousData,
  });
}

/** What was used since a time, by day, user or model. */
export function useUsage(by: string, from: string): UseQueryResult<Usage> {
  return useAdmin('usage', { by, from });
}

export function useAdminHealth(): UseQueryResult<AdminHealth> {
  return useAdmin('health', {});
}

/** A page of the audit log, newest first. */
export function useAudit(query: AdminQuery): UseQueryResult<Page<AuditEntry>> {
  return useAdmin('audit', { ...query, page_size: PAGE_SIZE });
}

/** A page of users, the last active first. */
export function useAdminUsers(page: number): UseQueryResult<Page<AdminUser>> {
  return useAdmin('users', { page, page_size: PAGE_SIZE });
}

function useAdmin<T>(name: string, query: AdminQuery): UseQueryResult<T> {
  return useQuery<T>({
    queryKey: ['admin', name, query],
    queryFn: ({ signal }) => get<T>(name, query, signal),
    placeholderData: keepPreviousData,
  });
}

/** Not in the client library: only this page administers. */
async function get<T>(name: string, query: AdminQuery, signal: AbortSignal): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const response = await fetch(`/api/admin/${name}?${search}`, { signal: limit });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<RepriseError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<RepriseError> & { detail?: string };
  return new RepriseError(problem.detail ?? `The server answered ${response.status}.`, {
    status: response.status,
    code: problem.code ?? 'http_error',
    retryable: problem.retryable ?? response.status >= 500,
    errors: problem.errors ?? [],
  });
}
